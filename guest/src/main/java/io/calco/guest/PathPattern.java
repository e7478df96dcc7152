package io.calco.guest;

import java.util.ArrayList;
import java.util.List;

/// A pattern of absolute paths as a shell has them: `*`, `?` and `[a-z]` within one name, `**` for
/// any number of names. Matching takes time in proportion to pattern × name, never more.
///
/// @param names the pattern's parts between the slashes
public record PathPattern(List<String> names) {
  private static final int MAX_LENGTH = 4096; // ours; Linux' PATH_MAX

  /// Checks and copies.
  public PathPattern {
    names = List.copyOf(names);
  }

  /// Reads a pattern.
  ///
  /// @throws IllegalArgumentException when it does not begin with `/`, holds `.` or `..`, or is
  ///   longer than 4096 characters
  public static PathPattern of(String pattern) {
    if (!pattern.startsWith("/") || pattern.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "pattern must begin with / and have at most 4096 characters: " + pattern);
    }
    List<String> names = new ArrayList<>();
    for (String name : pattern.split("/")) {
      if (name.equals(".") || name.equals("..")) {
        throw new IllegalArgumentException("pattern may not hold . or ..: " + pattern);
      }
      if (!name.isEmpty()) {
        names.add(name);
      }
    }
    return new PathPattern(names);
  }

  /// True when the whole canonical path fits; names that begin with a dot need no special care.
  public boolean matches(String path) {
    List<String> parts = path.equals("/") ? List.of() : List.of(path.substring(1).split("/"));
    boolean[] reached = new boolean[parts.size() + 1];
    reached[0] = true;
    for (String name : names) {
      boolean[] next = new boolean[parts.size() + 1];
      for (int i = 0; i <= parts.size(); i++) {
        if (name.equals("**")) {
          next[i] = reached[i] || (i > 0 && next[i - 1]);
        } else {
          next[i] = i > 0 && reached[i - 1] && nameMatches(name, parts.get(i - 1));
        }
      }
      reached = next;
    }
    return reached[parts.size()];
  }

  /// True when a directory at `path` could hold something that fits.
  public boolean mayMatchBelow(String path) {
    List<String> parts = path.equals("/") ? List.of() : List.of(path.substring(1).split("/"));
    for (int i = 0; i < parts.size(); i++) {
      if (i >= names.size()) {
        return false;
      }
      if (names.get(i).equals("**")) {
        return true;
      }
      if (!nameMatches(names.get(i), parts.get(i))) {
        return false;
      }
    }
    return names.size() > parts.size();
  }

  /// True when a part of a pattern holds a wildcard.
  static boolean isWild(String name) {
    return name.indexOf('*') >= 0 || name.indexOf('?') >= 0 || name.indexOf('[') >= 0;
  }

  /// True when `name` fits the wildcard part; the classic walk that goes back to the last star.
  static boolean nameMatches(String pattern, String name) {
    int p = 0;
    int n = 0;
    int star = -1;
    int retry = 0;
    while (n < name.length()) {
      int next = p < pattern.length() ? step(pattern, p, name.charAt(n)) : -1;
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        retry = n;
      } else if (next > 0) {
        p = next;
        n++;
      } else if (star >= 0) {
        p = star + 1;
        n = ++retry;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  /// The index after the element at `p` when that element takes `c`, or -1.
  private static int step(String pattern, int p, char c) {
    char element = pattern.charAt(p);
    int close = element == '[' ? pattern.indexOf(']', p + 2) : -1;
    if (close < 0) {
      return element == '?' || element == c ? p + 1 : -1;
    }
    boolean negated = pattern.charAt(p + 1) == '!' || pattern.charAt(p + 1) == '^';
    boolean found = false;
    for (int i = p + (negated ? 2 : 1); i < close; i++) {
      if (i + 2 < close && pattern.charAt(i + 1) == '-') {
        found |= c >= pattern.charAt(i) && c <= pattern.charAt(i + 2);
        i += 2;
      } else {
        found |= c == pattern.charAt(i);
      }
    }
    return found != negated ? close + 1 : -1;
  }

  @Override
  public String toString() {
    return "/" + String.join("/", names);
  }
}
