package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.engine.machine.MachineHost;
import io.calco.machine.MachineConsole;
import io.calco.machine.libvirt.Domains;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// `calco machine console`.
final class MachineConsoleCommand extends MachineCommand.OnMachine {
  private static final int LEAVE = 0x1d; // Ctrl-], as virsh and telnet have it

  private final Flag force = words.flag("--force", "Take it from whoever has it.");

  MachineConsoleCommand() {
    super(
        "console",
        "Talk to a running machine on its first serial port, until it ends or Ctrl-] is typed.",
        "Without a terminal, standard input goes to the machine, and what it says comes out.");
    words.examples("calco machine console web1");
  }

  @Override
  int run(MachineHost machines) throws IOException {
    Domains.Console how = force.given() ? Domains.Console.FORCE : Domains.Console.FREE;
    try (RawTerminal terminal = RawTerminal.enter();
        MachineConsole console = machines.console(machine(), how)) {
      if (terminal.raw()) {
        say("Connected to %s; Ctrl-] leaves.\r".formatted(machine()));
      }
      Thread.ofPlatform().daemon().name("console").start(() -> type(console, terminal.raw()));
      show(console);
    }
    return ExitCode.DONE;
  }

  private void show(MachineConsole console) throws IOException {
    byte[] bytes = new byte[8192];
    InputStream in = console.input();
    for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
      out().write(bytes, 0, count);
      out().flush();
    }
  }

  private static void type(MachineConsole console, boolean leaves) {
    byte[] bytes = new byte[1024];
    OutputStream to = console.output();
    try {
      for (int count = System.in.read(bytes); count >= 0; count = System.in.read(bytes)) {
        int end = leaves ? indexOf(bytes, count) : count;
        to.write(bytes, 0, end);
        if (end < count) {
          console.close();
          return;
        }
      }
    } catch (IOException e) {
      // The console is gone: who shows what it says will see it.
      System.getLogger(MachineConsoleCommand.class.getName())
          .log(System.Logger.Level.DEBUG, "the console takes no more", e);
    }
  }

  private static int indexOf(byte[] bytes, int count) {
    for (int i = 0; i < count; i++) {
      if (bytes[i] == LEAVE) {
        return i;
      }
    }
    return count;
  }
}
