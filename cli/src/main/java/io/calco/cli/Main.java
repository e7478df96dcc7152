package io.calco.cli;

import io.calco.engine.DiskImages;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;

/// The root command. Prints its help when no subcommand is given.
public final class Main extends GroupCommand {
  private static final int HELP_COLUMNS = 100;

  private Main() {
    super("calco", "Looks after machine images for their whole life.");
  }

  @Override
  List<Member> members() {
    return List.of(
        new Member("inspect", InspectCommand::new),
        new Member("guest", GuestCommand::new),
        new Member("image", ImageCommand::new),
        new Member("template", TemplateCommand::new),
        new Member("clone", CloneCommand::new),
        new Member("class", ClassCommand::new),
        new Member("machine", MachineCommand::new),
        new Member("tree", TreeCommand::new),
        new Member("doctor", DoctorCommand::new),
        new Member("disk", DiskCommand::new),
        new Member("backup", BackupCommand::new),
        new Member("restore", RestoreCommand::new),
        new Member("repo", RepoCommand::new),
        new Member("plan", PlanCommand::new),
        new Member("clonezilla", ClonezillaCommand::new),
        new Member("serve", ServeCommand::new),
        new Member("store", StoreCommand::new),
        new Member("user", UserCommand::new),
        new Member("project", ProjectCommand::new),
        new Member("audit", AuditCommand::new),
        new Member("demo", DemoCommand::new));
  }

  /// Runs one command and exits with its code.
  public static void main(String[] args) {
    prepare(args.length > 0 && args[0].equals("serve"));
    int exit = execute(args);
    if (exit == ExitCode.CANCELLED) {
      Runtime.getRuntime().halt(exit); // Ctrl-C has begun the exit, and waits for us to be done
    }
    if (exit != 0) {
      System.exit(exit); // not for 0: it loads the logging classes, to log that it was called
    }
  }

  /// What comes before the first command of a process.
  static void prepare(boolean serves) {
    // A server logs; all others have nobody to log to, whatever is on the class path, but for what
    // our own warn of: a line of standard error.
    System.setProperty("java.util.logging.SimpleFormatter.format", "calco: %5$s%n");
    System.setProperty("slf4j.internal.verbosity", "WARN");
    System.setProperty(
        "slf4j.provider",
        serves
            ? "ch.qos.logback.classic.spi.LogbackServiceProvider"
            : "org.slf4j.nop.NOPServiceProvider");
    System.setProperty("picocli.disable.closures", "true"); // looks for Groovy in every jar
    DiskImages.prepare(); // beside the parsing of the command line
  }

  /// Runs one command in this process and returns its exit code. [Training] runs many.
  public static int execute(String... args) {
    return parser(Arrays.asList(args))
        .setUsageHelpWidth(HELP_COLUMNS)
        .setExecutionExceptionHandler(Failures::report)
        .setParameterExceptionHandler(Failures::reportUsage)
        .execute(args);
  }

  /// The parser of a command line; of all commands when there is nothing in it.
  static CommandLine parser(List<String> words) {
    return new Main().parserFor(words);
  }
}
