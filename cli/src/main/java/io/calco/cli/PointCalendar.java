package io.calco.cli;

import io.calco.engine.plan.Simulation;
import java.io.PrintStream;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Days that have restore points, month by month.
///
/// ```
/// November 2026
/// Mo   Tu   We   Th   Fr   Sa   Su
///                               1
/// ```
final class PointCalendar {
  /// Reasons, the one that lasts longest first, and the letters of them.
  private static final List<String> REASONS =
      List.of("hold", "tag", "yearly", "monthly", "weekly", "daily", "hourly", "last", "all");

  private static final String LETTERS = "XTYMWDHLA";
  private static final String GONE = "-";

  private PointCalendar() {}

  static void print(PrintStream out, Simulation simulation) {
    Map<LocalDate, String> marks = new TreeMap<>();
    for (Simulation.Point point : simulation.points()) {
      LocalDate day = point.at().atZone(simulation.zone()).toLocalDate();
      marks.merge(day, mark(point.reasons()), PointCalendar::longer);
    }
    long there = simulation.points().stream().filter(p -> p.existing().isPresent()).count();
    long kept = simulation.points().stream().filter(Simulation.Point::kept).count();
    out.printf(
        "%s in %s, keeps %s%n",
        Text.safe(simulation.source()),
        Text.safe(simulation.repository()),
        simulation.keep().keepsAll() ? "all" : Text.safe(simulation.keep().text()));
    out.printf(
        "on %s: %s (%d now, %d more by then, %d forgotten)%n",
        simulation.until().atZone(simulation.zone()).toLocalDate(),
        Text.count(kept, "point"),
        there,
        simulation.points().size() - there,
        simulation.points().size() - kept);
    marks.keySet().stream().map(YearMonth::from).distinct().forEach(m -> print(out, m, marks));
    out.println(
        "Y yearly  M monthly  W weekly  D daily  H hourly  L last  X hold  T tag  A all  - gone");
    out.println();
  }

  private static String mark(List<String> reasons) {
    return reasons.stream()
        .map(reason -> reason.replaceFirst(" .*", ""))
        .filter(REASONS::contains)
        .min(Comparator.comparingInt(REASONS::indexOf))
        .map(reason -> LETTERS.substring(REASONS.indexOf(reason), REASONS.indexOf(reason) + 1))
        .orElse(GONE);
  }

  private static String longer(String one, String other) {
    if (one.equals(GONE) || other.equals(GONE)) {
      return one.equals(GONE) ? other : one;
    }
    return LETTERS.indexOf(one) <= LETTERS.indexOf(other) ? one : other;
  }

  private static void print(PrintStream out, YearMonth month, Map<LocalDate, String> marks) {
    out.println();
    out.println(month);
    out.println("Mo   Tu   We   Th   Fr   Sa   Su");
    StringBuilder line = new StringBuilder();
    line.append("     ".repeat(month.atDay(1).getDayOfWeek().getValue() - 1));
    for (int day = 1; day <= month.lengthOfMonth(); day++) {
      LocalDate date = month.atDay(day);
      String mark = marks.getOrDefault(date, " ");
      line.append(day < 10 ? " " : "").append(day).append(mark).append("  ");
      if (date.getDayOfWeek().getValue() == 7 || day == month.lengthOfMonth()) {
        out.println(line.toString().stripTrailing());
        line.setLength(0);
      }
    }
  }
}
