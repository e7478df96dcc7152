package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.machine.MachineHost;
import io.calco.engine.machine.Machines;
import java.io.IOException;
import java.util.List;

/// `calco machine migrate-in`.
final class MachineMigrateInCommand extends MachineCommand.OnMachine {
  private final Value<String> rate = WhileRunning.rate(words);

  MachineMigrateInCommand() {
    super(
        "migrate-in",
        "Copy what a running machine reads from an NBD server into its own disk.",
        "The guest goes on meanwhile. Then the server, such as calco backup serve, can end.");
    words.examples("calco machine migrate-in web1", "calco machine migrate-in web1 -r 50M");
  }

  @Override
  int run(MachineHost host) throws IOException {
    Machines machines = MachineCommand.libvirt(host);
    List<String> copied;
    try (Progress progress = progress()) {
      copied = machines.migrateIn(machine(), DiskCommand.rate(rate), progress);
    }
    if (json()) {
      Json.print(out(), Json.object().put("name", machine()).put("copied", copied));
    } else if (copied.isEmpty()) {
      say(machine() + ": needs no server");
    } else {
      say("%s: needs no server any more (%s)".formatted(machine(), String.join(", ", copied)));
    }
    return ExitCode.DONE;
  }
}
