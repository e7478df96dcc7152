package io.calco.backup;

import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/// Says which points a policy keeps, and why. Pure: it looks at nothing but its arguments, and not
/// at the clock. Machines are judged each for itself, and so are the disks of one of libvirt's.
public final class Retention {
  private Retention() {}

  /// What becomes of a point.
  ///
  /// @param reasons why it is kept, for a person; none when it may go
  public record Verdict(RestorePoint point, List<String> reasons) {
    /// Copies the list.
    public Verdict {
      reasons = List.copyOf(reasons);
    }

    /// True when it is kept.
    public boolean kept() {
      return !reasons.isEmpty();
    }
  }

  private record Period(String name, int count, Function<ZonedDateTime, String> of) {}

  /// Judges points.
  ///
  /// @param points in any order
  /// @return one for each, by machine, newest first
  public static List<Verdict> judge(List<RestorePoint> points, RetentionPolicy policy) {
    Map<String, List<RestorePoint>> machines = new TreeMap<>();
    for (RestorePoint point : points) {
      machines.computeIfAbsent(disk(point), _ -> new ArrayList<>()).add(point);
    }
    List<Verdict> verdicts = new ArrayList<>();
    for (List<RestorePoint> of : machines.values()) {
      of.sort(
          Comparator.comparing(RestorePoint::created)
              .thenComparing(point -> point.id().toString())
              .reversed());
      verdicts.addAll(judgeOne(of, policy));
    }
    return verdicts;
  }

  /// A slash is in no machine's name.
  private static String disk(RestorePoint point) {
    return point.machine() + point.domain().map(domain -> "/" + domain.target()).orElse("");
  }

  private static List<Verdict> judgeOne(List<RestorePoint> newestFirst, RetentionPolicy policy) {
    List<List<String>> reasons =
        reasons(
            newestFirst.stream().map(point -> new Dated(point.created(), point.remarks())).toList(),
            policy);
    List<Verdict> verdicts = new ArrayList<>();
    for (int i = 0; i < newestFirst.size(); i++) {
      verdicts.add(new Verdict(newestFirst.get(i), reasons.get(i)));
    }
    return verdicts;
  }

  /// What of a point decides whether it stays: of one that there is, or that there will be.
  ///
  /// @param created when it was or will be begun
  /// @param remarks what is said of it
  public record Dated(Instant created, Remarks remarks) {}

  /// Judges the points of one machine.
  ///
  /// @param newestFirst the points
  /// @return for each why it is kept; nothing when it may go
  public static List<List<String>> reasons(List<Dated> newestFirst, RetentionPolicy policy) {
    List<List<String>> reasons = new ArrayList<>();
    for (Dated point : newestFirst) {
      List<String> own = new ArrayList<>();
      point.remarks().hold().ifPresent(_ -> own.add("hold"));
      point.remarks().tags().stream()
          .filter(policy.tags()::contains)
          .findFirst()
          .ifPresent(tag -> own.add("tag " + tag));
      if (reasons.size() < policy.last()) {
        own.add("last");
      }
      reasons.add(own);
    }
    for (Period period : periods(policy)) {
      keepOnePer(period, newestFirst, reasons, policy);
    }
    return reasons;
  }

  private static List<Period> periods(RetentionPolicy policy) {
    return List.of(
        new Period(
            "hourly",
            policy.hourly(),
            when -> when.truncatedTo(ChronoUnit.HOURS).toInstant().toString()),
        new Period("daily", policy.daily(), DateTimeFormatter.ISO_LOCAL_DATE::format),
        new Period(
            "weekly",
            policy.weekly(),
            when ->
                "%d-W%d"
                    .formatted(
                        when.get(IsoFields.WEEK_BASED_YEAR),
                        when.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR))),
        new Period("monthly", policy.monthly(), DateTimeFormatter.ofPattern("uuuu-MM")::format),
        new Period("yearly", policy.yearly(), when -> String.valueOf(when.getYear())));
  }

  private static void keepOnePer(
      Period period, List<Dated> newestFirst, List<List<String>> reasons, RetentionPolicy policy) {
    String latest = "";
    int left = period.count();
    for (int i = 0; i < newestFirst.size() && left > 0; i++) {
      String now = period.of().apply(newestFirst.get(i).created().atZone(policy.zone()));
      if (!now.equals(latest)) {
        reasons.get(i).add(period.name());
        latest = now;
        left--;
      }
    }
  }
}
