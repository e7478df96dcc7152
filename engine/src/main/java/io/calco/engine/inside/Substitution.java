package io.calco.engine.inside;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// An edit written as sed and virt-edit do: `s/PATTERN/REPLACEMENT/`, with `g` for all of a line
/// and `i` for either case; the character after `s` is the separator. Patterns are Java's, groups
/// in the replacement `\\1` or `$1`.
public final class Substitution implements UnaryOperator<String> {
  private final Pattern pattern;
  private final String replacement;
  private final boolean all;

  private Substitution(Pattern pattern, String replacement, boolean all) {
    this.pattern = pattern;
    this.replacement = replacement;
    this.all = all;
  }

  /// Reads an expression.
  ///
  /// @throws OperationException when it is none
  public static Substitution parse(String expression) {
    String[] part =
        expression.length() > 1 && expression.charAt(0) == 's'
            ? expression
                .substring(2)
                .split("(?<!\\\\)" + Pattern.quote(expression.substring(1, 2)), -1)
            : new String[0];
    if (part.length != 3 || !part[2].matches("[gi]{0,2}")) {
      throw new OperationException(
          Kind.USAGE,
          "\"%s\" is no substitution".formatted(expression),
          "write s/PATTERN/REPLACEMENT/, with g for all of a line");
    }
    String separator = expression.substring(1, 2);
    try {
      Pattern pattern =
          Pattern.compile(
              part[0].replace("\\" + separator, separator),
              part[2].contains("i") ? Pattern.CASE_INSENSITIVE : 0);
      String replacement =
          part[1].replace("\\" + separator, separator).replaceAll("\\\\([0-9])", "\\$$1");
      return new Substitution(pattern, replacement, part[2].contains("g"));
    } catch (PatternSyntaxException e) {
      throw new OperationException(
          Kind.USAGE, "\"%s\": %s".formatted(expression, e.getDescription()));
    }
  }

  @Override
  public String apply(String text) {
    StringBuilder changed = new StringBuilder(text.length() + 64);
    int at = 0;
    while (at < text.length()) {
      int newline = text.indexOf('\n', at);
      int end = newline < 0 ? text.length() : newline;
      Matcher line = pattern.matcher(text.substring(at, end));
      try {
        changed.append(all ? line.replaceAll(replacement) : line.replaceFirst(replacement));
      } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
        throw new OperationException(
            Kind.USAGE,
            "the replacement \"%s\" cannot be used: %s".formatted(replacement, e.getMessage()));
      }
      if (newline >= 0) {
        changed.append('\n');
      }
      at = end + 1;
    }
    return changed.toString();
  }
}
