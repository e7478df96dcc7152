package io.calco.cli;

import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The terminal while every key goes to somebody else, as it is typed; without a terminal, nothing.
/// Put back at the end, also when the program is ended.
final class RawTerminal implements AutoCloseable {
  private static final File TERMINAL = new File("/dev/tty");

  private final String settings;
  private final Thread restoring = new Thread(this::restore);

  private RawTerminal(String settings) {
    this.settings = settings;
    if (raw()) {
      Runtime.getRuntime().addShutdownHook(restoring);
    }
  }

  @SuppressWarnings("SystemConsoleNull") // it may be null by its documentation
  static RawTerminal enter() throws IOException {
    Console console = System.console();
    if (console == null || !console.isTerminal()) {
      return new RawTerminal("");
    }
    RawTerminal terminal = new RawTerminal(stty("-g").strip());
    stty("raw", "-echo");
    return terminal;
  }

  /// True when there is a terminal.
  boolean raw() {
    return !settings.isEmpty();
  }

  private static String stty(String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("stty"));
    command.addAll(List.of(words));
    Process process =
        new ProcessBuilder(command)
            .redirectInput(TERMINAL)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    if (process.onExit().join().exitValue() != 0) {
      throw new IOException("the terminal cannot be set: stty " + String.join(" ", words));
    }
    return said;
  }

  private void restore() {
    try {
      stty(settings);
    } catch (IOException e) {
      System.err.println("calco: " + e.getMessage() + "; set it with: stty sane");
    }
  }

  @Override
  public void close() {
    if (raw()) {
      restore();
      Runtime.getRuntime().removeShutdownHook(restoring);
    }
  }
}
