package io.calco.engine.identity;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;

/// The texts of accounts, as far as they may come from anybody.
final class AccountText {
  /// Keystone's.
  private static final int NAME_MAX = 255;

  private static final int TEXT_MAX = 4096;

  private AccountText() {}

  /// A name as it is.
  ///
  /// @param what of what, for a person
  /// @throws OperationException of kind USAGE when it is blank, too long, or has control characters
  static String name(String what, String name) {
    if (name.isBlank() || name.length() > NAME_MAX || hasControls(name)) {
      throw new OperationException(
          Kind.USAGE,
          "the name of a %s has 1 to %d characters, none of them a control character"
              .formatted(what, NAME_MAX));
    }
    return name;
  }

  /// Any other text as it is.
  static String text(String what, String text) {
    if (text.length() > TEXT_MAX || text.indexOf('\0') >= 0) {
      throw new OperationException(
          Kind.USAGE, "the %s has more than %d characters, or a zero".formatted(what, TEXT_MAX));
    }
    return text;
  }

  /// A password or another secret that someone chose.
  static String secret(String secret) {
    if (secret.isEmpty() || secret.length() > TEXT_MAX) {
      throw new OperationException(
          Kind.USAGE, "a password has 1 to %d characters".formatted(TEXT_MAX));
    }
    return secret;
  }

  private static boolean hasControls(String text) {
    return text.codePoints()
        .anyMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE);
  }
}
