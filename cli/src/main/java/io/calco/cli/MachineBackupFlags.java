package io.calco.cli;

import io.calco.backup.RestorePoint;
import io.calco.cli.Syntax.Value;
import io.calco.disk.JobContext;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.BackupRequest;
import io.calco.engine.backup.MachineBackupRequest;
import io.calco.engine.backup.MachineBackupRequest.Quiesce;
import io.calco.engine.backup.MachineBackups;
import io.calco.machine.PlainMachines;
import io.calco.machine.libvirt.Connection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// How a machine is backed up.
final class MachineBackupFlags {
  private final MachineCommand.Connect connect;
  private final HomeCommand.At home;
  private final Value<When> quiesce;
  private final Value<Path> scratch;

  /// Words of the command line.
  enum When {
    require(Quiesce.REQUIRE),
    auto(Quiesce.AUTO),
    no(Quiesce.NO);

    private final Quiesce meant;

    When(Quiesce meant) {
      this.meant = meant;
    }
  }

  MachineBackupFlags(Syntax words) {
    connect = new MachineCommand.Connect(words);
    home = new HomeCommand.At(words);
    quiesce =
        words.option(
            "--quiesce",
            "WHEN",
            When.class,
            "Of a running machine: whether its guest agent holds the file systems still for the"
                + " instant that is kept: ${COMPLETION-CANDIDATES} (auto, the default: if it can).");
    scratch =
        words.option(
            "--scratch",
            "DIR",
            Path.class,
            "Of a running machine: where QEMU keeps what the machine overwrites meanwhile (default:"
                + " beside each disk).");
  }

  boolean given() {
    return connect.given() || quiesce.given() || scratch.given();
  }

  List<RestorePoint> create(
      String machine, BackupRequest how, BackupRepository repository, JobContext job)
      throws IOException {
    MachineBackupRequest request =
        new MachineBackupRequest(
            machine,
            quiesce.optional().map(when -> when.meant).orElse(Quiesce.AUTO),
            scratch.optional(),
            how);
    if (connect.plain()) {
      PlainMachines machines = new PlainMachines(home.get().machines());
      return new MachineBackups(repository, machines).create(request, job);
    }
    try (Connection libvirt = connect.connection()) {
      return new MachineBackups(repository, libvirt).create(request, job);
    }
  }
}
