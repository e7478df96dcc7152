package io.calco.cli;

import io.calco.engine.Calco;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Command;

/// The root command. Prints its help when no subcommand is given.
@Command(
    name = "calco",
    description = "Looks after machine images for their whole life.",
    version = "calco 0.1.0-SNAPSHOT")
public final class Main extends GroupCommand {
  private static final int HELP_COLUMNS = 100;

  private Main() {}

  @Override
  List<Member> members() {
    return List.of(
        new Member("inspect", InspectCommand::new),
        new Member("template", TemplateCommand::new),
        new Member("clone", CloneCommand::new),
        new Member("tree", TreeCommand::new),
        new Member("doctor", DoctorCommand::new),
        new Member("disk", DiskCommand::new),
        new Member("demo", DemoCommand::new));
  }

  /// Runs one command and exits with its code.
  public static void main(String[] args) {
    Calco.prepare(); // beside the parsing of the command line
    int exit = execute(args);
    if (exit == ExitCode.CANCELLED) {
      Runtime.getRuntime().halt(exit); // Ctrl-C has begun the exit, and waits for us to be done
    }
    if (exit != 0) {
      System.exit(exit); // not for 0: it loads the logging classes, to log that it was called
    }
  }

  /// Runs one command in this process and returns its exit code. [Training] runs many.
  public static int execute(String... args) {
    return new Main()
        .parserFor(Arrays.asList(args))
        .setUsageHelpWidth(HELP_COLUMNS)
        .setExecutionExceptionHandler(Failures::report)
        .setParameterExceptionHandler(Failures::reportUsage)
        .execute(args);
  }
}
