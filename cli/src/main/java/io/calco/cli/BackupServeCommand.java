package io.calco.cli;

import io.calco.backup.RestorePoint;
import io.calco.cli.Syntax.Value;
import io.calco.disk.Disk;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import io.calco.engine.nbd.ServedDisk;
import java.io.IOException;
import java.util.List;

/// `calco backup serve`.
final class BackupServeCommand extends BackupCommand.OnRepository {
  private final Value<String> name =
      words.option(
          "--export", "NAME", String.class, "", "What clients ask for (default: no name).");
  private final ServeFlags serving = new ServeFlags(words);
  private final Value<String> point = words.parameter("POINT", String.class, BackupCommand.POINT);

  BackupServeCommand() {
    super(
        "serve",
        "Serve a restore point's disk over NBD without restoring it, until SIGTERM or Ctrl-C.",
        ServeFlags.DESCRIPTION,
        "It is read only. A machine runs on it at once with what it writes kept elsewhere, as qemu's"
            + " snapshot=on does.");
    words.examples(
        "calco backup serve web1@latest",
        "calco backup serve --listen unix:/run/user/1000/web1.sock latest",
        "qemu-img convert -O qcow2 nbd://localhost/ web1.qcow2");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    RestorePoint found = repository.find(point.get());
    try (Disk disk = new Backups(repository).open(found)) {
      return serving.serve(this, List.of(ServedDisk.of(name.get(), disk.readOnly())));
    }
  }
}
