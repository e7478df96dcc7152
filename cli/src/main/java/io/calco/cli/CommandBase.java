package io.calco.cli;

import io.calco.disk.OpenPolicy;
import io.calco.engine.Home;
import io.calco.engine.OperationException;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What all commands share: how to answer, and what to say while working.
@Command(mixinStandardHelpOptions = true)
abstract class CommandBase implements Callable<Integer> {
  @Mixin private Common common = new Common();

  /// How to answer.
  enum Output {
    human,
    json
  }

  /// Options of every command.
  static final class Common {
    @Option(
        names = {"-q", "--quiet"},
        description = "Print nothing but what was asked for: no progress, no remarks.")
    private boolean quiet;

    @Option(
        names = "--output",
        paramLabel = "FORMAT",
        defaultValue = "human",
        description = "How to answer: ${COMPLETION-CANDIDATES}. JSON fields are stable.")
    private Output output = Output.human;

    @Option(names = "--verbose", description = "Show where a failure came from.")
    private boolean verbose;
  }

  /// Which files an image may refer to.
  static final class Allow {
    @Option(
        names = "--allow",
        paramLabel = "DIR",
        description =
            "Also follow references (backing images) into this directory; may be repeated."
                + " Without it they stay in the image's own and in Calco's pool.")
    private List<Path> directories = new ArrayList<>();

    OpenPolicy policy() {
      OpenPolicy policy = OpenPolicy.ownDirectory().allowing(Home.locate(System.getenv()).pool());
      for (Path directory : directories) {
        policy = policy.allowing(directory);
      }
      return policy;
    }
  }

  final boolean json() {
    return common.output == Output.json;
  }

  final boolean quiet() {
    return common.quiet;
  }

  final boolean verbose() {
    return common.verbose;
  }

  final PrintStream out() {
    return System.out;
  }

  /// A remark for a person, on standard error, unless quiet.
  final void say(String remark) {
    if (!common.quiet) {
      System.err.println(remark);
    }
  }

  /// A progress display fit for where it goes.
  @SuppressWarnings("SystemConsoleNull") // it may be null by its documentation
  final Progress progress() {
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    Progress.Style style =
        common.quiet
            ? Progress.Style.NONE
            : terminal ? Progress.Style.TERMINAL : Progress.Style.PLAIN;
    return new Progress(System.err, style).catchInterrupt();
  }

  @Override
  public final Integer call() throws Exception {
    return run();
  }

  /// The exit code for a failure of this kind.
  int exitCode(OperationException.Kind kind) {
    return ExitCode.of(kind);
  }

  /// Does the work; the exit code.
  abstract int run() throws IOException;
}
