package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.disk.DiskInUseException;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.machine.MachineHost;
import io.calco.engine.machine.RunningDisk;
import java.io.IOException;
import java.nio.file.Path;

/// Where the machine is looked for that a disk in use may belong to.
final class WhileRunning {
  static final String DESCRIPTION =
      "On the disk of a running machine, of libvirt or of QEMU alone, the machine's own QEMU does"
          + " the work while the guest goes on. Ctrl-C ends it, and the guest keeps what it had.";

  private final MachineCommand.Connect connect;

  /// @param words where the home can be named, too
  WhileRunning(Syntax words) {
    connect = new MachineCommand.Connect(words);
  }

  /// `-r`, of work that is limited only there.
  static Value<String> rate(Syntax words) {
    return words.option(
        "-r, --rate-limit",
        "RATE",
        String.class,
        "While a machine runs: copy at most so many bytes a second, such as 50M.");
  }

  /// Does work on a disk that is in use.
  ///
  /// @param used what was said of it, and is said again when no machine has it
  <T> T with(Calco calco, Path disk, DiskInUseException used, RunningDisk.Work<T> work)
      throws IOException {
    try (MachineHost machines = machines(calco, used)) {
      return machines.whileRunning(disk, used, work);
    }
  }

  /// Whoever named no libvirt need not have one.
  private MachineHost machines(Calco calco, DiskInUseException used) throws IOException {
    try {
      return connect.openHost(calco);
    } catch (IOException | OperationException e) {
      if (connect.given()) {
        throw e;
      }
      used.addSuppressed(e);
      throw used;
    }
  }
}
