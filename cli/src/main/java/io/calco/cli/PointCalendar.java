package io.calco.cli;

import io.calco.engine.plan.Simulation;
import java.io.PrintStream;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Map;
import java.util.Optional;

/// Days that have restore points, month by month.
///
/// ```
/// November 2026
/// Mo   Tu   We   Th   Fr   Sa   Su
///                               1
/// ```
final class PointCalendar {
  /// Of [Simulation#REASONS].
  private static final String LETTERS = "XTYMWDHLA";

  private static final String GONE = "-";

  private PointCalendar() {}

  static void print(PrintStream out, Simulation simulation) {
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
    printDays(out, simulation);
    out.println();
  }

  /// Only the days, and what the letters mean.
  static void printDays(PrintStream out, Simulation simulation) {
    Map<LocalDate, Simulation.Day> days = simulation.days();
    days.keySet().stream().map(YearMonth::from).distinct().forEach(m -> print(out, m, days));
    out.println(
        "Y yearly  M monthly  W weekly  D daily  H hourly  L last  X hold  T tag  A all  - gone");
  }

  private static String mark(Simulation.Day day) {
    return day.reason()
        .map(reason -> Simulation.REASONS.indexOf(reason))
        .map(index -> LETTERS.substring(index, index + 1))
        .orElse(GONE);
  }

  private static void print(PrintStream out, YearMonth month, Map<LocalDate, Simulation.Day> days) {
    out.println();
    out.println(month);
    out.println("Mo   Tu   We   Th   Fr   Sa   Su");
    StringBuilder line = new StringBuilder();
    line.append("     ".repeat(month.atDay(1).getDayOfWeek().getValue() - 1));
    for (int day = 1; day <= month.lengthOfMonth(); day++) {
      LocalDate date = month.atDay(day);
      String mark = Optional.ofNullable(days.get(date)).map(PointCalendar::mark).orElse(" ");
      line.append(day < 10 ? " " : "").append(day).append(mark).append("  ");
      if (date.getDayOfWeek().getValue() == 7 || day == month.lengthOfMonth()) {
        out.println(line.toString().stripTrailing());
        line.setLength(0);
      }
    }
  }
}
