package io.calco.guest.nio;

import java.util.regex.PatternSyntaxException;

/// The patterns of [java.nio.file.FileSystem#getPathMatcher], as a regular expression.
final class Glob {
  private final String glob;
  private final StringBuilder regex = new StringBuilder();
  private int at;
  private boolean inGroup;

  private Glob(String glob) {
    this.glob = glob;
  }

  /// The expression that takes what `glob` takes.
  ///
  /// @throws PatternSyntaxException when it is none
  static String toRegex(String glob) {
    return new Glob(glob).translate();
  }

  private String translate() {
    while (at < glob.length()) {
      char c = glob.charAt(at++);
      switch (c) {
        case '\\' -> literal(escaped());
        case '*' -> star();
        case '?' -> regex.append("[^/]");
        case '[' -> set();
        case '{' -> {
          if (inGroup) {
            throw wrong("groups in each other");
          }
          inGroup = true;
          regex.append("(?:(?:");
        }
        case '}' -> {
          regex.append(inGroup ? "))" : "\\}");
          inGroup = false;
        }
        case ',' -> regex.append(inGroup ? ")|(?:" : ",");
        default -> literal(c);
      }
    }
    if (inGroup) {
      throw wrong("a { without its }");
    }
    return regex.toString();
  }

  private char escaped() {
    if (at == glob.length()) {
      throw wrong("nothing after the last \\");
    }
    return glob.charAt(at++);
  }

  private void literal(char c) {
    if (c < 128 && !Character.isLetterOrDigit(c)) {
      regex.append('\\');
    }
    regex.append(c);
  }

  private void star() {
    boolean two = at < glob.length() && glob.charAt(at) == '*';
    at += two ? 1 : 0;
    regex.append(two ? ".*" : "[^/]*");
  }

  /// Within brackets all but `-` between two and a leading `!` stands for itself.
  private void set() {
    regex.append("(?!/)[");
    boolean negated = at < glob.length() && glob.charAt(at) == '!';
    if (negated) {
      at++;
      regex.append('^');
    }
    int first = at;
    while (at < glob.length() && glob.charAt(at) != ']') {
      char from = glob.charAt(at++);
      if (from == '/') {
        throw wrong("a / in brackets");
      }
      boolean range =
          at + 1 < glob.length() && glob.charAt(at) == '-' && glob.charAt(at + 1) != ']';
      literal(from);
      if (range) {
        char to = glob.charAt(at + 1);
        if (to < from) {
          throw wrong("a range that runs backwards");
        }
        at += 2;
        regex.append('-');
        literal(to);
      }
    }
    if (at == glob.length() || at == first) {
      throw wrong("a [ without its ], or nothing in it");
    }
    at++;
    regex.append(']');
  }

  private PatternSyntaxException wrong(String why) {
    return new PatternSyntaxException(why, glob, Math.max(0, at - 1));
  }
}
