package io.calco.engine.plan;

import io.calco.backup.RetentionPolicy;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;

/// Which points stay in a repository, as [RetentionPolicy] has it but for the zone.
///
/// @param last how many of the newest; likewise the next ones, each 0 to 100,000
/// @param hourly hours
/// @param daily days
/// @param weekly weeks
/// @param monthly months
/// @param yearly years
/// @param tags points that have one of these
public record Keep(
    int last, int hourly, int daily, int weekly, int monthly, int yearly, List<String> tags) {
  static final int MOST = 100_000; // ours

  /// Checks the ranges, copies.
  public Keep {
    for (int count : new int[] {last, hourly, daily, weekly, monthly, yearly}) {
      if (count < 0 || count > MOST) {
        throw new IllegalArgumentException("a count is 0 to " + MOST);
      }
    }
    tags = List.copyOf(tags);
  }

  /// All: nothing is ever forgotten.
  public static Keep all() {
    return new Keep(0, 0, 0, 0, 0, 0, List.of());
  }

  /// True when nothing is ever forgotten.
  public boolean keepsAll() {
    return counts() == 0 && tags.isEmpty();
  }

  /// True when some points are kept whatever they are called.
  boolean keepsSome() {
    return counts() > 0;
  }

  private long counts() {
    return (long) last + hourly + daily + weekly + monthly + yearly;
  }

  /// As restore points are judged by.
  public RetentionPolicy policy(ZoneId zone) {
    return new RetentionPolicy(
        last, hourly, daily, weekly, monthly, yearly, Set.copyOf(tags), zone);
  }

  /// As it is written: `last=3,daily=7`; empty for all.
  public String text() {
    StringBuilder text = new StringBuilder();
    String[] names = {"last", "hourly", "daily", "weekly", "monthly", "yearly"};
    int[] counts = {last, hourly, daily, weekly, monthly, yearly};
    for (int i = 0; i < names.length; i++) {
      if (counts[i] > 0) {
        text.append(text.isEmpty() ? "" : ",").append(names[i]).append('=').append(counts[i]);
      }
    }
    if (!tags.isEmpty()) {
      text.append(text.isEmpty() ? "" : ",").append("tag=").append(String.join("+", tags));
    }
    return text.toString();
  }
}
