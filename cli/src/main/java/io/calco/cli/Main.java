package io.calco.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The root command. Prints its help when no subcommand is given.
@Command(
    name = "calco",
    description = "Looks after machine images for their whole life.",
    version = "calco 0.1.0-SNAPSHOT",
    mixinStandardHelpOptions = true)
public final class Main implements Runnable {
  private Main() {}

  /// Runs one command and exits with its code.
  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }
}
