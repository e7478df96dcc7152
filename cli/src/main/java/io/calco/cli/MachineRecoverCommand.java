package io.calco.cli;

import io.calco.backup.RestorePoint;
import io.calco.cli.Syntax.Value;
import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.engine.NamedImages;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import io.calco.engine.machine.MachineHost;
import io.calco.engine.machine.MachineReport;
import io.calco.engine.machine.Machines;
import io.calco.engine.machine.RecoveryOrder;
import io.calco.engine.store.StoreSecret;
import java.io.IOException;
import java.nio.file.Path;

/// `calco machine recover`.
final class MachineRecoverCommand extends MachineCommand.OnHost {
  private final DiskCommand.Source source = new DiskCommand.Source(words);
  private final RepositoryFlags repository = new RepositoryFlags(words, "--repo");
  private final Value<String> name =
      words.requiredOption("--name", "NAME", String.class, "The machine's name.");
  private final Value<Path> disk =
      words.requiredOption(
          "--disk", "FILE", Path.class, "What becomes its disk: a new file, in qcow2.");
  private final MachineFlags flags = new MachineFlags(words);
  private final Value<String> what =
      words.parameter(
          "SOURCE", String.class, "With --repo a restore point, else an image of any format.");

  MachineRecoverCommand() {
    super(
        "recover",
        "Start a machine from a restore point within seconds, and restore its disk while it runs.",
        "It reads the point over NBD, on this host's own address, until all of it is in its disk;"
            + " then the command ends. Ctrl-C before switches the machine off; what it wrote is kept,"
            + " and the same command goes on.");
    words.examples(
        "calco machine recover --repo /mnt/backups web1@latest --name web1"
            + " --disk /var/lib/libvirt/images/web1.qcow2",
        "calco machine recover windows.vhdx --name windows --disk windows.qcow2 --memory 4G");
  }

  @Override
  int run(MachineHost host) throws IOException {
    Machines machines = MachineCommand.libvirt(host);
    if (repository.given()) {
      try (StoreSecret secret = repository.secret();
          BackupRepository opened =
              BackupRepository.open(repository.address(), repository.options(), secret)) {
        RestorePoint point = opened.find(what.get());
        try (Disk from = new Backups(opened).open(point)) {
          return recover(machines, from);
        }
      }
    }
    try (Image image = NamedImages.open(Path.of(what.get()), source.options())) {
      return recover(machines, image.disk());
    }
  }

  private int recover(Machines machines, Disk from) throws IOException {
    RecoveryOrder order =
        new RecoveryOrder(name.get(), disk.get().toAbsolutePath(), flags.request());
    MachineReport machine;
    try (Progress progress = progress()) {
      machine = machines.recover(from, order, this::say, progress);
    }
    if (json()) {
      Json.print(out(), MachineCommand.json(machine));
    } else {
      say("%s: all of its disk is in %s".formatted(machine.name(), disk.get()));
    }
    return ExitCode.DONE;
  }
}
