package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.disk.Disk;
import io.calco.engine.Calco;
import io.calco.engine.machine.MachineHost;
import io.calco.engine.machine.MachineReport;
import io.calco.engine.machine.Machines;
import io.calco.engine.machine.RecoveryOrder;
import java.io.IOException;
import java.nio.file.Path;

/// `calco machine recover`.
final class MachineRecoverCommand extends CommandBase {
  private final MachineSourceFlags source = new MachineSourceFlags(words);
  private final Value<String> name =
      words.requiredOption("--name", "NAME", String.class, "The machine's name.");
  private final Value<Path> disk =
      words.requiredOption(
          "--disk", "FILE", Path.class, "What becomes its disk: a new file, in qcow2.");
  private final MachineFlags flags = new MachineFlags(words);

  MachineRecoverCommand() {
    super(
        "recover",
        "Start a machine of libvirt at once from a restore point, and restore its disk while it"
            + " runs.",
        "It reads the point, or whatever else has a disk, over NBD on this host's own address, until"
            + " all of it is in its disk; then the command ends. Ctrl-C before switches the machine"
            + " off; what it wrote is kept, and the same command goes on.");
    words.examples(
        "calco machine recover --repo /mnt/backups web1@latest --name web1"
            + " --disk /var/lib/libvirt/images/web1.qcow2",
        "calco machine recover windows.vhdx --name windows --disk windows.qcow2 --memory 4G");
  }

  @Override
  int run() throws IOException {
    return source.use(opened -> {
      try (Calco calco = Calco.open(source.home());
          MachineHost host = source.host(calco)) {
        return recover(MachineCommand.libvirt(host), opened.disk());
      }
    });
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
