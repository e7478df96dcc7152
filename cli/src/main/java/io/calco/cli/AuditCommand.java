package io.calco.cli;

import io.calco.catalog.AuditEvent;
import io.calco.catalog.AuditEvent.Outcome;
import io.calco.catalog.AuditQuery;
import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// `calco audit`: who did what.
final class AuditCommand extends GroupCommand {
  AuditCommand() {
    super("audit", "Who did what, to what, when, from where, and what came of it.");
  }

  @Override
  List<Member> members() {
    return List.of(new Member("list", ListEvents::new));
  }

  /// What came of it.
  enum Ended {
    done,
    refused,
    failed;

    Outcome outcome() {
      return switch (this) {
        case done -> Outcome.DONE;
        case refused -> Outcome.REFUSED;
        case failed -> Outcome.FAILED;
      };
    }
  }

  /// `calco audit list`.
  static final class ListEvents extends HomeCommand {
    private final Value<String> user =
        words.option("--user", "NAME", String.class, "Only what this user did.");
    private final Value<String> action =
        words.option(
            "--action",
            "ACTION",
            String.class,
            "Only this action, such as image.delete, or all of a kind, such as image.");
    private final Value<String> target =
        words.option(
            "--target", "NAME", String.class, "Only what was done to this, by its name or id.");
    private final Value<Ended> outcome =
        words.option(
            "--outcome", "OUTCOME", Ended.class, "Only what ended so: ${COMPLETION-CANDIDATES}.");
    private final Value<String> since =
        words.option(
            "--since",
            "MOMENT",
            String.class,
            "Not before this day (2026-11-21) or moment (2026-11-21T09:30:00Z), in UTC.");
    private final Value<String> until =
        words.option("--until", "MOMENT", String.class, "Before this day or moment, in UTC.");
    private final Value<Long> before =
        words.option("--before", "NUMBER", Long.class, "Only older than the event of this number.");
    private final Value<Integer> limit =
        words.option(
            "--limit",
            "N",
            Integer.class,
            "50",
            "How many at most, up to %d (default: ${DEFAULT-VALUE})."
                .formatted(AuditQuery.LIMIT_MAX));

    ListEvents() {
      super("list", "The newest events, newest first.");
      words.examples(
          "calco audit list --action login --outcome refused",
          "calco audit list --user ana --since 2026-11-01 --output json");
    }

    @Override
    int run(Calco calco) throws IOException {
      if (limit.get() < 1 || limit.get() > AuditQuery.LIMIT_MAX) {
        throw new OperationException(
            Kind.USAGE, "--limit is 1 to %d".formatted(AuditQuery.LIMIT_MAX));
      }
      List<AuditEvent> events =
          calco
              .audit()
              .list(
                  new AuditQuery(
                      user.optional(),
                      action.optional(),
                      target.optional(),
                      outcome.optional().map(Ended::outcome),
                      since.optional().map(ListEvents::moment),
                      until.optional().map(ListEvents::moment),
                      before.optional(),
                      limit.get()));
      if (json()) {
        Json.print(out(), events.stream().map(ListEvents::json).toList());
      } else if (events.isEmpty()) {
        say("No such events.");
      } else {
        print(events);
      }
      return ExitCode.DONE;
    }

    private static Instant moment(String text) {
      try {
        return text.length() == 10
            ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
            : Instant.parse(text);
      } catch (DateTimeParseException e) {
        throw new OperationException(
            Kind.USAGE,
            "%s is no day and no moment".formatted(text),
            "such as 2026-11-21 or 2026-11-21T09:30:00Z");
      }
    }

    private void print(List<AuditEvent> events) {
      Table table = new Table("NUMBER", "WHEN", "WHO", "FROM", "WHAT", "OUTCOME", "TO", "DETAIL");
      for (AuditEvent event : events) {
        table.add(
            event.number(),
            event.at().truncatedTo(ChronoUnit.SECONDS),
            event.userName().isEmpty() ? "-" : event.userName(),
            event.address().isEmpty() ? "-" : event.address(),
            event.action(),
            event.outcome().text(),
            Optional.of(event.targetName()).filter(name -> !name.isEmpty()).orElse("-"),
            event.detail());
      }
      table.print(out());
    }

    private static Json.Fields json(AuditEvent event) {
      return Json.object()
          .put("number", event.number())
          .put("at", event.at())
          .put("user-id", event.userId())
          .put("user", event.userName())
          .put("project-id", event.projectId())
          .put("address", event.address())
          .put("action", event.action())
          .put("target-id", event.targetId())
          .put("target", event.targetName())
          .put("outcome", event.outcome().text())
          .put("detail", event.detail());
    }
  }
}
