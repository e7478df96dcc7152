package io.calco.server.web.plan;

import io.calco.engine.plan.Simulation;
import io.calco.server.web.Text;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/// What a rule keeps, month by month.
///
/// @param simulation of the rule
/// @param weekdays their names in short, from Monday
/// @param months those that have points
record PlanCalendar(Simulation simulation, List<String> weekdays, List<Month> months) {
  PlanCalendar {
    weekdays = List.copyOf(weekdays);
    months = List.copyOf(months);
  }

  /// A month.
  ///
  /// @param title its name
  /// @param weeks its weeks, of seven days each
  record Month(String title, List<List<Cell>> weeks) {
    Month {
      weeks = List.copyOf(weeks);
    }
  }

  /// A day.
  ///
  /// @param day of the month; empty for one of another month
  /// @param mark the class that colours it; empty where there is no point
  /// @param says what is there, in words
  record Cell(String day, String mark, String says) {
    static final Cell NONE = new Cell("", "", "");
  }

  static PlanCalendar of(Simulation simulation, Text text) {
    SortedMap<LocalDate, Simulation.Day> days = simulation.days();
    return new PlanCalendar(
        simulation,
        Arrays.stream(DayOfWeek.values())
            .map(day -> day.getDisplayName(TextStyle.NARROW, text.language().locale()))
            .toList(),
        days.keySet().stream()
            .map(YearMonth::from)
            .distinct()
            .map(month -> month(month, days, text))
            .toList());
  }

  private static Month month(
      YearMonth month, SortedMap<LocalDate, Simulation.Day> days, Text text) {
    List<Cell> cells = new ArrayList<>();
    for (int i = 1; i < month.atDay(1).getDayOfWeek().getValue(); i++) {
      cells.add(Cell.NONE);
    }
    for (int day = 1; day <= month.lengthOfMonth(); day++) {
      cells.add(cell(month.atDay(day), Optional.ofNullable(days.get(month.atDay(day))), text));
    }
    while (cells.size() % 7 > 0) {
      cells.add(Cell.NONE);
    }
    List<List<Cell>> weeks = new ArrayList<>();
    for (int i = 0; i < cells.size(); i += 7) {
      weeks.add(List.copyOf(cells.subList(i, i + 7)));
    }
    DateTimeFormatter name =
        DateTimeFormatter.ofPattern("LLLL uuuu").withLocale(text.language().locale());
    return new Month(name.format(month.atDay(1)), weeks);
  }

  private static Cell cell(LocalDate date, Optional<Simulation.Day> day, Text text) {
    String number = String.valueOf(date.getDayOfMonth());
    if (day.isEmpty()) {
      return new Cell(number, "", "");
    }
    String reason = day.get().reason().orElse("gone");
    return new Cell(
        number,
        reason,
        "%s: %s, %s"
            .formatted(
                date,
                text.of("plans.keep." + reason),
                text.of("plans.calendar.of", day.get().kept(), day.get().points())));
  }

  /// The reasons that are in it, for the legend.
  List<String> reasons() {
    List<String> found =
        new ArrayList<>(simulation.parts().stream().map(part -> part.reason()).toList());
    if (kept() < simulation.points().size()) {
      found.add("gone");
    }
    return found;
  }

  /// How many points are there at the end.
  long kept() {
    return simulation.points().stream().filter(Simulation.Point::kept).count();
  }

  /// Its last day.
  String until() {
    return simulation.until().atZone(simulation.zone()).toLocalDate().toString();
  }
}
