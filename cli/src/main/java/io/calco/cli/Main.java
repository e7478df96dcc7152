package io.calco.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The root command. Prints its help when no subcommand is given.
///
/// What is built here is paid for at every start: docs/decisions/0002-picocli.md has the numbers.
public final class Main {
  private Main() {}

  /// Runs one command and exits with its code.
  public static void main(String[] args) {
    int exit = execute(args);
    if (exit != 0) {
      System.exit(exit); // not for 0: it loads the logging classes, to log that it was called
    }
  }

  /// Runs one command in this process and returns its exit code. [Training] runs many.
  public static int execute(String... args) {
    CommandSpec root = CommandSpec.create().name("calco").version("calco 0.1.0-SNAPSHOT");
    root.usageMessage().description("Looks after machine images for their whole life.");
    root.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("Show this help.").build());
    root.addOption(
        OptionSpec.builder("-V", "--version")
            .versionHelp(true)
            .description("Show the version.")
            .build());
    CommandLine command = new CommandLine(root);
    command.setExecutionStrategy(parsed -> {
      Integer helped = CommandLine.executeHelpRequest(parsed);
      if (helped == null) {
        command.usage(command.getOut());
      }
      return helped == null ? 0 : helped;
    });
    return command.execute(args);
  }
}
