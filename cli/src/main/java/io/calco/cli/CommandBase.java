package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.disk.OpenPolicy;
import io.calco.engine.Home;
import io.calco.engine.OperationException;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/// What all commands share: how to answer, and what to say while working.
abstract class CommandBase implements Subcommand, Callable<Integer> {
  /// What this command understands.
  final Syntax words;

  private final Flag quiet;
  private final Value<Output> output;
  private final Flag verbose;

  /// How to answer.
  enum Output {
    human,
    json
  }

  CommandBase(String name, String... description) {
    words = new Syntax(this, name, description);
    quiet =
        words.flag("-q, --quiet", "Print nothing but what was asked for: no progress, no remarks.");
    output =
        words.option(
            "--output",
            "FORMAT",
            Output.class,
            "human",
            "How to answer: ${COMPLETION-CANDIDATES}. JSON fields are stable.");
    verbose = words.flag("--verbose", "Show where a failure came from.");
  }

  @Override
  public final CommandLine parserFor(List<String> commandLine) {
    return new CommandLine(words.spec());
  }

  /// Which files an image may refer to.
  static final class Allow {
    private final Values<Path> directories;

    Allow(Syntax words) {
      directories =
          words.options(
              "--allow",
              "DIR",
              Path.class,
              "Also follow references (backing images) into this directory; may be repeated."
                  + " Without it they stay in the image's own and in Calco's pool.");
    }

    OpenPolicy policy() {
      OpenPolicy policy = OpenPolicy.ownDirectory().allowing(Home.locate(System.getenv()).pool());
      for (Path directory : directories.all()) {
        policy = policy.allowing(directory);
      }
      return policy;
    }
  }

  final boolean json() {
    return output.get() == Output.json;
  }

  final boolean quiet() {
    return quiet.given();
  }

  final boolean verbose() {
    return verbose.given();
  }

  final PrintStream out() {
    return System.out;
  }

  /// A remark for a person, on standard error, unless quiet.
  final void say(String remark) {
    if (!quiet.given()) {
      System.err.println(remark);
    }
  }

  /// A progress display fit for where it goes.
  @SuppressWarnings("SystemConsoleNull") // it may be null by its documentation
  final Progress progress() {
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    Progress.Style style =
        quiet.given()
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
