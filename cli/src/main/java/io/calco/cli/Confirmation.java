package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.Console;
import java.util.Locale;
import java.util.Set;

/// Asks a person before something is destroyed, unless told not to.
final class Confirmation {
  private static final Set<String> YES = Set.of("y", "yes", "s", "si", "sí");

  private final Flag yes;

  Confirmation(Syntax words) {
    yes = words.flag("-y, --yes", "Do not ask.");
  }

  /// Returns when the answer is yes, now or beforehand.
  ///
  /// @param question what will be lost, and whether to go on
  /// @throws OperationException when the answer is no, or nobody can be asked
  void require(String question) {
    if (!yes.given()) {
      ask(question);
    }
  }

  /// Returns when the name of what will be lost was typed, or yes said beforehand.
  ///
  /// @param question what will be lost
  /// @param name what is to be typed
  /// @throws OperationException as [#require]
  void requireTyped(String question, String name) {
    if (!yes.given()) {
      String answer = console(question).readLine("%s Type %s: ", Text.safe(question), name);
      if (answer == null || !answer.strip().equals(name)) {
        throw new OperationException(Kind.CANCELLED, "nothing was changed");
      }
    }
  }

  /// Asks whoever sits at a terminal; where nobody does, the answer is no.
  @SuppressWarnings("SystemConsoleNull") // as below
  static boolean offer(String question) {
    Console console = System.console();
    return console != null && console.isTerminal() && yes(console, question);
  }

  private static boolean yes(Console console, String question) {
    String answer = console.readLine("%s [y/N] ", Text.safe(question));
    return answer != null && YES.contains(answer.strip().toLowerCase(Locale.ROOT));
  }

  private static void ask(String question) {
    if (!yes(console(question), question)) {
      throw new OperationException(Kind.CANCELLED, "nothing was changed");
    }
  }

  @SuppressWarnings("SystemConsoleNull") // it may be null by its documentation
  private static Console console(String question) {
    Console console = System.console();
    if (console == null || !console.isTerminal()) {
      throw new OperationException(
          Kind.REFUSED, question + " Nobody can be asked here", "say it beforehand with --yes");
    }
    return console;
  }
}
