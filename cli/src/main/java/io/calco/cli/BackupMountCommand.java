package io.calco.cli;

import io.calco.backup.RestorePoint;
import io.calco.cli.Syntax.Value;
import io.calco.disk.Disk;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import java.io.IOException;
import java.nio.file.Path;

/// `calco backup mount`.
final class BackupMountCommand extends BackupCommand.OnRepository {
  private final GuestKeys keys = new GuestKeys(words);
  private final MountFlags shown = new MountFlags(words);
  private final Value<String> point = words.parameter("POINT", String.class, BackupCommand.POINT);
  private final Value<Path> directory =
      words.parameter("DIR", Path.class, "An empty directory to show it in.");

  BackupMountCommand() {
    super(
        "mount",
        "Look inside a restore point without restoring it: its disk and its files in a directory.",
        "Shows disk.raw, of each partition N pN.raw and, where its files can be read, pN/. All is"
            + " read only. The command ends when the directory is unmounted, or with Ctrl-C. Root"
            + " needs nothing but the kernel's FUSE; others need fusermount3 (apt-get install"
            + " fuse3). Only who mounts it can look into it.");
    words.examples(
        "calco backup mount latest /mnt &",
        "calco backup mount --partition 2 web1@latest /mnt",
        "calco backup mount --files web1@latest /mnt");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    RestorePoint found = repository.find(point.get());
    try (Disk disk = new Backups(repository).open(found)) {
      return shown.show(
          this,
          disk,
          BackupRepository.shortId(found),
          keys.ofVolumes(),
          directory.get(),
          found.created());
    }
  }
}
