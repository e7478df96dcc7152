package io.calco.cli;

import io.calco.engine.OperationException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;

/// Failures as one line on standard error, and their exit code.
final class Failures {
  private Failures() {}

  /// Of a command that ran.
  static int report(Throwable failure, CommandLine command, CommandLine.ParseResult parsed) {
    OperationException told = OperationException.of(failure);
    PrintWriter err = command.getErr();
    err.println("calco: " + Text.safe(String.valueOf(told.getMessage())));
    told.hint().ifPresent(hint -> err.println("       " + Text.safe(hint)));
    if (command.getCommand() instanceof CommandBase base && base.verbose()) {
      failure.printStackTrace(err);
    }
    err.flush();
    return command.getCommand() instanceof CommandBase base
        ? base.exitCode(told.kind())
        : ExitCode.of(told.kind());
  }

  /// Of a command line that cannot be understood.
  static int reportUsage(CommandLine.ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("calco: " + firstLine(String.valueOf(failure.getMessage())));
    err.println("       " + hint(failure));
    if (Arrays.asList(arguments).contains("--verbose")) {
      failure.printStackTrace(err);
    }
    err.flush();
    return ExitCode.USAGE;
  }

  private static String hint(CommandLine.ParameterException failure) {
    List<String> meant =
        failure instanceof CommandLine.UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : List.of();
    return meant.isEmpty()
        ? "see: %s --help".formatted(failure.getCommandLine().getCommandSpec().qualifiedName())
        : "did you mean: %s?".formatted(String.join(", ", meant));
  }

  private static String firstLine(String message) {
    int end = message.indexOf('\n');
    return Text.safe(end < 0 ? message : message.substring(0, end).strip());
  }
}
