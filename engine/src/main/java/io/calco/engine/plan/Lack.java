package io.calco.engine.plan;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Something that a source lacks to be safe.
///
/// @param kind what
/// @param repository where; empty for everywhere together
/// @param values that belong to the kind, in its order
public record Lack(Kind kind, String repository, List<String> values) {
  /// Copies the list.
  public Lack {
    values = List.copyOf(values);
  }

  static Lack of(Kind kind, Object... values) {
    return new Lack(kind, "", Arrays.stream(values).map(String::valueOf).toList());
  }

  /// The same, in a repository.
  Lack in(String address) {
    return new Lack(kind, address, values);
  }

  /// In English, without the repository.
  public String what() {
    return kind.pattern.formatted(values.toArray());
  }

  /// In English.
  public String text() {
    return repository.isEmpty() ? what() : repository + ": " + what();
  }

  /// What can be missing, with the values that it has.
  public enum Kind {
    /// How many there are, and should be.
    COPIES("%s of %s copies"),
    /// How many kinds there are, and should be, and the one that all is on.
    MEDIA("%s of %s media: all is on %s"),
    /// None.
    OFF_SITE("nothing is off-site"),
    /// None.
    UNSEEN("nobody has looked there yet"),
    /// None.
    NO_POINT("no point there"),
    /// What was found, in English.
    DAMAGED("damaged: %s"),
    /// Of which day the newest point is, and the plan's schedule.
    OLD("its newest point is of %s, and the plan is %s"),
    /// None.
    NEVER_READ("never read"),
    /// The day.
    NOT_READ("not read since %s"),
    /// None.
    NEVER_TRIED("never tried"),
    /// The day.
    NOT_TRIED("not tried since %s");

    private final String pattern;

    Kind(String pattern) {
      this.pattern = pattern;
    }

    /// As a key: `off-site`.
    public String key() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
