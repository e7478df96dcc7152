package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.OperationException;
import io.calco.engine.machine.MachineHost;
import io.calco.machine.libvirt.LibvirtException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// `calco machine edit`.
final class MachineEditCommand extends MachineCommand.OnMachine {
  private static final Path STANDARD = Path.of("-");

  private final Value<Path> file =
      words.option(
          "--file",
          "FILE",
          Path.class,
          "Take the new description from here instead of an editor; - is standard input.");

  MachineEditCommand() {
    super(
        "edit",
        "Change a machine's description as it is kept, libvirt's XML or QEMU's JSON.",
        "Starts $VISUAL or $EDITOR, or vi. libvirt checks what comes of it; one that runs has it from"
            + " its next start on.");
    words.examples(
        "calco machine edit web1",
        "calco machine show web1 --xml | sed 's/2097152/4194304/' | calco machine edit web1 --file -");
  }

  @Override
  int run(MachineHost machines) throws IOException {
    String seen = machines.record(machine());
    boolean changed =
        file.given() ? change(machines, seen, given(file.get())) : edited(machines, seen);
    if (json()) {
      Json.print(out(), MachineCommand.json(machines.show(machine())));
    } else {
      say(changed ? "%s was changed".formatted(machine()) : "nothing was changed");
    }
    return ExitCode.DONE;
  }

  private static String given(Path file) throws IOException {
    byte[] text = file.equals(STANDARD) ? System.in.readAllBytes() : Files.readAllBytes(file);
    return new String(text, StandardCharsets.UTF_8);
  }

  private boolean change(MachineHost machines, String seen, String text) throws IOException {
    if (text.equals(seen)) {
      return false;
    }
    machines.edit(machine(), seen, text);
    return true;
  }

  /// What was typed is not lost to a mistake in it.
  private boolean edited(MachineHost machines, String seen) throws IOException {
    String name = machine() + (seen.startsWith("<") ? ".xml" : ".json");
    String text = seen;
    while (true) {
      byte[] typed = Editor.edit(text.getBytes(StandardCharsets.UTF_8), name);
      text = new String(typed, StandardCharsets.UTF_8);
      try {
        return change(machines, seen, text);
      } catch (OperationException | LibvirtException e) {
        if (!Confirmation.offer(OperationException.of(e).getMessage() + ". Edit it again?")) {
          throw e;
        }
      }
    }
  }
}
