package io.calco.backup;

import java.time.ZoneId;
import java.util.Set;

/// Which points are worth keeping. Of each hour, day, week, month and year that has points the
/// newest one stands for it; counted are those that have any, from the newest back.
///
/// @param last how many of the newest are kept, 0 or more
/// @param hourly for how many hours one is kept, 0 or more; likewise the next ones
/// @param daily days
/// @param weekly weeks, which begin on Monday (ISO 8601)
/// @param monthly months
/// @param yearly years
/// @param tags points that have one of these are kept
/// @param zone in which hours and days are counted
public record RetentionPolicy(
    int last,
    int hourly,
    int daily,
    int weekly,
    int monthly,
    int yearly,
    Set<String> tags,
    ZoneId zone) {

  /// Checks the ranges.
  public RetentionPolicy {
    if (last < 0 || hourly < 0 || daily < 0 || weekly < 0 || monthly < 0 || yearly < 0) {
      throw new IllegalArgumentException("a count below 0");
    }
    tags = Set.copyOf(tags);
  }

  /// True when it keeps nothing: what nobody means.
  public boolean isEmpty() {
    return last + hourly + daily + weekly + monthly + yearly == 0 && tags.isEmpty();
  }
}
