package io.calco.engine.plan;

import io.calco.catalog.plan.LogLine;
import io.calco.catalog.plan.RunState;
import io.calco.catalog.plan.StepEntry;
import io.calco.engine.plan.PlanNotices.Language;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.PropertyResourceBundle;
import java.util.ResourceBundle;

/// A run as mail tells of it.
///
/// @param subject one line
/// @param text lines
record RunLetter(String subject, String text) {
  /// Ours: how much of a log is sent.
  private static final int LINES = 20;

  private static final int LINE_MAX = 500;
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

  /// What is told of a run.
  ///
  /// @param host where it ran
  /// @param run its number
  /// @param failure what went wrong first; empty for nothing
  record Told(
      String host,
      Plan plan,
      long run,
      RunState state,
      Optional<String> failure,
      Instant begun,
      Instant ended,
      List<StepEntry> steps,
      List<LogLine> log) {
    Told {
      steps = List.copyOf(steps);
      log = List.copyOf(log);
    }
  }

  /// Writes it.
  static RunLetter of(Told told, Language language) throws IOException {
    ResourceBundle words = words(language);
    ZoneId zone = told.plan().zoneId();
    String state = words.getString("state." + told.state().text());
    StringBuilder text = new StringBuilder();
    told.failure().ifPresent(line -> text.append(plain(line)).append("\n\n"));
    fact(text, words.getString("plan"), told.plan().name());
    fact(text, words.getString("host"), plain(told.host()));
    fact(text, words.getString("run"), String.valueOf(told.run()));
    fact(text, words.getString("state"), state);
    fact(text, words.getString("begun"), "%s (%s)".formatted(time(told.begun(), zone), zone));
    fact(text, words.getString("took"), took(Duration.between(told.begun(), told.ended())));
    long failed = told.steps().stream().filter(step -> step.state() == RunState.FAILED).count();
    fact(
        text,
        words.getString("steps"),
        words.getString("steps.of").formatted(told.steps().size(), failed));
    List<LogLine> last =
        told.log().subList(Math.max(0, told.log().size() - LINES), told.log().size());
    if (!last.isEmpty()) {
      text.append('\n').append(words.getString("log")).append("\n\n");
      for (LogLine line : last) {
        String said = plain(line.text());
        text.append(time(line.at(), zone))
            .append("  ")
            .append(said, 0, Math.min(said.length(), LINE_MAX))
            .append('\n');
      }
    }
    text.append('\n')
        .append(words.getString("more").formatted("calco plan log --run " + told.run()))
        .append('\n');
    return new RunLetter(
        words.getString("subject").formatted(told.plan().name(), plain(told.host()), state),
        text.toString());
  }

  private static ResourceBundle words(Language language) throws IOException {
    String name = "mail_%s.properties".formatted(language.tag());
    try (InputStream in = Objects.requireNonNull(RunLetter.class.getResourceAsStream(name), name)) {
      return new PropertyResourceBundle(new InputStreamReader(in, StandardCharsets.UTF_8));
    }
  }

  private static void fact(StringBuilder text, String name, String value) {
    text.append(name).append(": ").append(value).append('\n');
  }

  private static String time(Instant moment, ZoneId zone) {
    return TIME.format(moment.atZone(zone));
  }

  private static String took(Duration time) {
    long seconds = Math.max(0, time.toSeconds());
    if (seconds < 60) {
      return seconds + " s";
    }
    return seconds < 3600
        ? "%d min %d s".formatted(seconds / 60, seconds % 60)
        : "%d h %d min".formatted(seconds / 3600, seconds % 3600 / 60);
  }

  /// Without what could be more than text: names in it come from disks.
  static String plain(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }
}
