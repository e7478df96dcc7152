package io.calco.catalog;

import java.util.regex.Pattern;

/// The name of a template or clone: 1 to 63 letters, digits, `.`, `_` and `-` of ASCII, the first a
/// letter or digit. It is safe as a file name, in a shell and as a label of a host name's length.
///
/// @param value the text
public record Name(String value) implements Comparable<Name> {
  /// A DNS label's.
  static final int MAX_LENGTH = 63;

  private static final Pattern RULE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  /// Checks the rule.
  ///
  /// @throws IllegalArgumentException when the text breaks it; see [#parse] for text from outside
  public Name {
    if (!RULE.matcher(value).matches()) {
      throw new IllegalArgumentException("name \"%s\"".formatted(value));
    }
  }

  /// The name that a user gave.
  ///
  /// @throws CatalogException.InvalidName when the text breaks the rule
  public static Name parse(String text) throws CatalogException.InvalidName {
    if (text.isEmpty()) {
      throw new CatalogException.InvalidName("a name is empty");
    }
    if (text.length() > MAX_LENGTH) {
      throw new CatalogException.InvalidName(
          "the name %s… has %d characters, and at most %d are allowed"
              .formatted(printable(text.substring(0, 20)), text.length(), MAX_LENGTH));
    }
    if (!RULE.matcher(text).matches()) {
      throw new CatalogException.InvalidName(
          "the name \"%s\" must be letters, digits, \".\", \"_\" and \"-\", and begin with a letter or digit"
              .formatted(printable(text)));
    }
    return new Name(text);
  }

  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "\uFFFD");
  }

  @Override
  public int compareTo(Name other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
