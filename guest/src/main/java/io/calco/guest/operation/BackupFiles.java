package io.calco.guest.operation;

import io.calco.fs.FileStatus;
import io.calco.fs.FileType;
import io.calco.guest.Draft;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Removes `*.bak` and `*~` from where people and services keep their own files.
final class BackupFiles extends Operation {
  private static final List<String> PLACES = List.of("/etc", "/root", "/srv", "/tmp", "/var");

  BackupFiles() {
    super("backup-files", Default.ON, "Remove the backup files that editors leave");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    List<String> found = new ArrayList<>();
    for (String place : PLACES) {
      Optional<FileType> type = draft.tree().find(place).map(FileStatus::type);
      if (type.equals(Optional.of(FileType.DIRECTORY))) {
        draft
            .tree()
            .walk(
                place,
                (path, entry) -> {
                  boolean backup = entry.name().endsWith(".bak") || entry.name().endsWith("~");
                  if (backup && entry.type() == FileType.REGULAR) {
                    found.add(path);
                  }
                });
      }
    }
    for (String path : found) {
      draft.remove(path);
    }
  }
}
