package io.calco.engine.backup;

import io.calco.backup.PartitionFacts;
import io.calco.backup.RestorePoint;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.JobContext;
import io.calco.disk.LimitExceededException;
import io.calco.engine.backup.VolumeCheck.Result;
import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileStatus;
import io.calco.fs.FileSystem;
import io.calco.fs.FileType;
import io.calco.guest.DiskVolume;
import io.calco.guest.GuestDisk;
import io.calco.guest.GuestVolume;
import io.calco.volume.VolumeKeys;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// Reads the file systems of a point: every directory, what every inode says, and where the blocks
/// in use are. File contents are not read: their hashes are what says whether they are as they were
/// ([Backups#verify]). Confined.
final class FileSystemChecks {
  private static final int MAX_DEPTH = 200; // ours
  private static final long MAX_FILES = 20_000_000; // ours

  private final RestorePoint point;
  private final JobContext job;
  private long files;

  FileSystemChecks(RestorePoint point, JobContext job) {
    this.point = point;
    this.job = job;
  }

  /// Checks all volumes of a point's disk.
  List<VolumeCheck> run(Disk disk, VolumeKeys keys) throws IOException {
    List<VolumeCheck> checks = new ArrayList<>();
    try (GuestDisk guest = GuestDisk.openReadOnly(disk, keys)) {
      List<GuestVolume> open = new ArrayList<>(guest.fileSystems());
      for (DiskVolume volume : guest.volumes()) {
        if (volume.facts().isPresent()) {
          // Both lists have the order of the disk.
          checks.add(check(volume, open.removeFirst().fileSystem()));
        } else {
          closed(volume).ifPresent(checks::add);
        }
      }
    } catch (DiskException e) {
      checks.add(
          new VolumeCheck(
              "whole disk", "", "calco", Result.DAMAGED, String.valueOf(e.getMessage())));
    }
    return checks;
  }

  /// What holds no files, or none that can be read. It is amiss only where there were some when the
  /// point was made.
  private Optional<VolumeCheck> closed(DiskVolume volume) {
    Optional<PartitionFacts> then =
        volume.partition().flatMap(partition -> point.disk().find(partition.number()));
    if (then.isPresent() && !then.get().kept()) {
      return Optional.empty();
    }
    boolean read = then.isPresent() && then.get().used().isPresent();
    boolean swap = volume.content().filter(content -> content.startsWith("sw")).isPresent();
    if (volume.unreadable().isEmpty() && !(read && !swap)) {
      return Optional.empty();
    }
    String why = volume.unreadable().orElse("there was a file system, and is none");
    return Optional.of(
        new VolumeCheck(
            volume.describe(),
            volume.content().orElse(""),
            "calco",
            read && !swap ? Result.DAMAGED : Result.NOT_CHECKED,
            why));
  }

  private VolumeCheck check(DiskVolume volume, FileSystem fileSystem) throws IOException {
    String content = volume.content().orElse("");
    try {
      files = 0;
      walk(fileSystem, volume.describe());
      long[] used = {0};
      fileSystem.usedRuns((offset, length) -> {
        used[0] += length;
        job.checkCancelled();
      });
      String what = "%d files and directories, %d bytes in use".formatted(files, used[0]);
      return new VolumeCheck(volume.describe(), content, "calco", Result.SOUND, what);
    } catch (DiskException | FileSystemException e) {
      return new VolumeCheck(
          volume.describe(), content, "calco", Result.DAMAGED, String.valueOf(e.getMessage()));
    }
  }

  private record Directory(String path, int depth) {}

  private void walk(FileSystem fileSystem, String name) throws IOException {
    Deque<Directory> left = new ArrayDeque<>();
    left.push(new Directory("/", 0));
    while (!left.isEmpty()) {
      Directory directory = left.pop();
      job.checkCancelled();
      job.progress("reading " + name, files, 0);
      if (directory.depth > MAX_DEPTH) {
        throw new LimitExceededException(
            "%s: directories lie in each other more than %d deep (our limit)"
                .formatted(name, MAX_DEPTH));
      }
      String prefix = directory.path.equals("/") ? "/" : directory.path + "/";
      for (DirectoryEntry entry : fileSystem.list(directory.path)) {
        if (++files > MAX_FILES) {
          throw new LimitExceededException(
              "%s: more than %d files (our limit)".formatted(name, MAX_FILES));
        }
        String path = prefix + entry.name();
        Optional<FileStatus> status = fileSystem.find(path);
        if (status.isEmpty()) {
          continue; // its name is none, and leads nowhere
        }
        if (status.get().type() == FileType.DIRECTORY) {
          left.push(new Directory(path, directory.depth + 1));
        } else if (status.get().type() == FileType.SYMBOLIC_LINK) {
          fileSystem.readLink(path);
        }
      }
    }
  }
}
