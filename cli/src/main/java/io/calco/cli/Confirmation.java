package io.calco.cli;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.Console;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Option;

/// Asks a person before something is destroyed, unless told not to.
final class Confirmation {
  private static final Set<String> YES = Set.of("y", "yes", "s", "si", "sí");

  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask.")
  private boolean yes;

  /// Returns when the answer is yes, now or beforehand.
  ///
  /// @param question what will be lost, and whether to go on
  /// @throws OperationException when the answer is no, or nobody can be asked
  void require(String question) {
    if (!yes) {
      ask(question);
    }
  }

  @SuppressWarnings("SystemConsoleNull") // it may be null by its documentation
  private static void ask(String question) {
    Console console = System.console();
    if (console == null || !console.isTerminal()) {
      throw new OperationException(
          Kind.REFUSED, question + " Nobody can be asked here", "say it beforehand with --yes");
    }
    String answer = console.readLine("%s [y/N] ", Text.safe(question));
    if (answer == null || !YES.contains(answer.strip().toLowerCase(Locale.ROOT))) {
      throw new OperationException(Kind.CANCELLED, "nothing was changed");
    }
  }
}
