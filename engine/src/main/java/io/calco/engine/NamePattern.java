package io.calco.engine;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Names of many machines at once: `aula-{01..30}` means aula-01 to aula-30, `web{a,b}` means weba
/// and webb.
public final class NamePattern {
  /// Ours: more names in one command are a slip of the finger.
  static final int LIMIT = 10_000;

  private static final Pattern BRACES = Pattern.compile("\\{([^{}]*)\\}");
  private static final Pattern RANGE = Pattern.compile("(\\d{1,9})\\.\\.(\\d{1,9})");

  private static final Pattern WILD = Pattern.compile("[*?]");

  private NamePattern() {}

  /// All names that the patterns mean, in order.
  ///
  /// @throws OperationException when a pattern cannot be read, a name comes twice, or there are too
  ///   many
  public static List<String> expand(List<String> patterns) {
    Set<String> names = new LinkedHashSet<>();
    for (String pattern : patterns) {
      for (String name : expand(pattern)) {
        if (!names.add(name)) {
          throw usage("the name %s comes twice".formatted(name));
        }
        if (names.size() > LIMIT) {
          throw usage("more than %d names".formatted(LIMIT));
        }
      }
    }
    return List.copyOf(names);
  }

  /// All names that the patterns mean, in order, where `*` and `?` stand for any characters and any
  /// character in names that are there.
  ///
  /// @param there the names that there are
  /// @throws OperationException as from [#expand(List)]; when a pattern with `*` or `?` means none
  public static List<String> select(List<String> patterns, List<String> there) {
    Set<String> names = new LinkedHashSet<>();
    for (String name : expand(patterns)) {
      boolean wild = isWild(name);
      List<String> meant =
          wild ? there.stream().filter(meaning(name).asMatchPredicate()).toList() : List.of(name);
      if (meant.isEmpty()) {
        throw new OperationException(
            OperationException.Kind.NOT_FOUND, "there is none named as " + name);
      }
      names.addAll(meant);
    }
    return List.copyOf(names);
  }

  /// True when a pattern stands for names that are looked for: it has `*` or `?`.
  public static boolean isWild(String pattern) {
    return WILD.matcher(pattern).find();
  }

  /// Tells whether a name is one that a pattern means.
  ///
  /// @throws OperationException as from [#expand(List)]
  public static Predicate<String> matching(String pattern) {
    return Pattern.compile(
            expand(List.of(pattern)).stream()
                .map(name -> meaning(name).pattern())
                .collect(Collectors.joining("|")))
        .asMatchPredicate();
  }

  private static Pattern meaning(String name) {
    StringBuilder expression = new StringBuilder();
    name.chars()
        .forEach(c ->
            expression.append(
                switch (c) {
                  case '*' -> ".*";
                  case '?' -> ".";
                  default -> Pattern.quote(String.valueOf((char) c));
                }));
    return Pattern.compile(expression.toString());
  }

  /// What each of `count` machines gets of a pattern, such as an address: braces mean one after the
  /// other, several braces side by side; without braces all get the same.
  ///
  /// @throws OperationException when the pattern cannot be read or has fewer values than machines
  public static List<String> pairwise(String pattern, int count) {
    List<StringBuilder> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add(new StringBuilder());
    }
    Matcher braces = BRACES.matcher(pattern);
    int at = 0;
    while (braces.find()) {
      List<String> choices = choices(braces.group(1));
      if (choices.size() != count) {
        throw usage("%s means %d values for %d machines".formatted(pattern, choices.size(), count));
      }
      for (int i = 0; i < count; i++) {
        values.get(i).append(pattern, at, braces.start()).append(choices.get(i));
      }
      at = braces.end();
    }
    String rest = pattern.substring(at);
    return values.stream().map(value -> value.append(rest).toString()).toList();
  }

  private static List<String> expand(String pattern) {
    Matcher braces = BRACES.matcher(pattern);
    if (!braces.find()) {
      return List.of(pattern);
    }
    String before = pattern.substring(0, braces.start());
    String after = pattern.substring(braces.end());
    List<String> names = new ArrayList<>();
    List<String> rests = expand(after);
    for (String choice : choices(braces.group(1))) {
      for (String rest : rests) {
        names.add(before + choice + rest);
        if (names.size() > LIMIT) {
          throw usage("more than %d names in %s".formatted(LIMIT, pattern));
        }
      }
    }
    return names;
  }

  private static List<String> choices(String inner) {
    Matcher range = RANGE.matcher(inner);
    if (!range.matches()) {
      return List.of(inner.split(",", -1));
    }
    int first = Integer.parseInt(range.group(1));
    int last = Integer.parseInt(range.group(2));
    if (last < first || last - first >= LIMIT) {
      throw usage("{%s} is not a range of 1 to %d names".formatted(inner, LIMIT));
    }
    int width = range.group(1).startsWith("0") ? range.group(1).length() : 1;
    List<String> numbers = new ArrayList<>();
    for (int number = first; number <= last; number++) {
      numbers.add(("%0" + width + "d").formatted(number));
    }
    return numbers;
  }

  private static OperationException usage(String message) {
    return new OperationException(
        OperationException.Kind.USAGE, message, "write names as web1 web2, or aula-{01..30}");
  }
}
