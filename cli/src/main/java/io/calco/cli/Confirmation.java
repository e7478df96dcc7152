package io.calco.cli;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.Console;
import java.util.Locale;
import java.util.Set;

/// Asks a person before something is destroyed.
final class Confirmation {
  private static final Set<String> YES = Set.of("y", "yes", "s", "si", "sí");

  private Confirmation() {}

  /// Returns when the answer is yes.
  @SuppressWarnings("SystemConsoleNull") // it may be null by its documentation
  static void ask(String question) {
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
