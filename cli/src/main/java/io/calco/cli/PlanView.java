package io.calco.cli;

import io.calco.catalog.plan.RunEntry;
import io.calco.catalog.plan.RunState;
import io.calco.catalog.plan.StepEntry;
import io.calco.engine.backup.BackupRequest.Tracking;
import io.calco.engine.plan.Keep;
import io.calco.engine.plan.Plan;
import io.calco.engine.plan.PlanMachines;
import io.calco.engine.plan.PlanNotices;
import io.calco.engine.plan.PlanReport;
import io.calco.engine.plan.PlanRepository;
import io.calco.engine.plan.PlanSource;
import io.calco.engine.plan.Plans;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Plans and their runs as people and scripts read them.
final class PlanView {
  private PlanView() {}

  static Json.Fields json(Plans.View view) {
    return Json.object()
        .put("name", view.plan().name())
        .put("schedule", view.plan().schedule())
        .put("next", view.next())
        .put("last-run", view.last().map(PlanView::json))
        .put("plan", json(view.plan()));
  }

  static Json.Fields json(Plan plan) {
    return Json.object()
        .put("name", plan.name())
        .put("schedule", plan.schedule())
        .put("zone", plan.zone())
        .put("sources", plan.sources().stream().map(PlanView::json).toList())
        .put("repositories", plan.repositories().stream().map(PlanView::json).toList())
        .put("verify-every-days", plan.readDays())
        .put("test-every-days", plan.testDays())
        .put("test-by", plan.trial().text())
        .put("webhook", plan.notices().webhook().map(PlanNotices.Webhook::address))
        .put("webhook-reach", plan.notices().webhook().map(webhook -> word(webhook.reach())))
        .put("mail", plan.notices().mail().map(PlanView::json))
        .put("rate-limit", plan.rate());
  }

  private static Json.Fields json(PlanNotices.Mail mail) {
    return Json.object()
        .put("to", mail.to())
        .put("when", word(mail.when()))
        .put("language", mail.language().tag());
  }

  private static Json.Fields json(PlanSource source) {
    return Json.object()
        .put("path", source.path())
        .put("format", source.format())
        .put("machine", source.machine())
        .put("medium", source.medium())
        .put("partitions", source.partitions())
        .put("coverage", word(source.coverage()))
        .put("in-use", word(source.use()))
        .put("look", word(source.look()))
        .put("bitmap", source.tracking() == Tracking.BITMAP)
        .put("allow", source.allow())
        .put("connect", source.machines().flatMap(PlanMachines::connect))
        .put("quiesce", source.machines().map(how -> how.quiesce().text()))
        .put("scratch", source.machines().flatMap(PlanMachines::scratch));
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Json.Fields json(PlanRepository repository) {
    return Json.object()
        .put("address", repository.address())
        .put("filled-by", word(repository.filling()))
        .put("medium", repository.medium())
        .put("place", word(repository.place()))
        .put("passphrase-file", repository.passphraseFile())
        .put("plainness", word(repository.plainness()))
        .put("keep", repository.keep().keepsAll() ? "all" : repository.keep().text());
  }

  static void print(PrintStream out, Plan plan) {
    Table table = new Table("plan", plan.name());
    table.add("schedule", plan.schedule() + plan.zone().map(zone -> ", " + zone).orElse(""));
    for (PlanSource source : plan.sources()) {
      table.add("source", source.path() + details(source));
    }
    for (PlanRepository repository : plan.repositories()) {
      table.add(
          repository.filling() == PlanRepository.Filling.BACKUP ? "backed up to" : "copied to",
          repository.address() + details(repository));
    }
    plan.readDays().ifPresent(days -> table.add("all is read", "every %d days".formatted(days)));
    plan.testDays()
        .ifPresent(days ->
            table.add(
                "a restore is tried",
                "every %d days, by: %s".formatted(days, plan.trial().text())));
    plan.notices().webhook().ifPresent(webhook -> table.add("failures go to", webhook.address()));
    plan.notices()
        .mail()
        .ifPresent(mail ->
            table.add(
                "mail goes to",
                "%s, %s, in %s"
                    .formatted(
                        String.join(", ", mail.to()),
                        mail.when() == PlanNotices.When.ALWAYS ? "of every run" : "of failures",
                        mail.language() == PlanNotices.Language.ES ? "Spanish" : "English")));
    plan.rate().ifPresent(rate -> table.add("at most", Text.size(rate) + " a second"));
    table.print(out);
  }

  private static String details(PlanSource source) {
    List<String> details = new ArrayList<>();
    source.machine().ifPresent(machine -> details.add("machine " + machine));
    if (!source.partitions().isEmpty()) {
      details.add("partitions " + source.partitions());
    }
    if (source.tracking() == Tracking.BITMAP) {
      details.add("with a bitmap");
    }
    if (!source.allow().isEmpty()) {
      details.add("may lead into " + String.join(", ", source.allow()));
    }
    source.machines().ifPresent(how -> details.addAll(details(how)));
    details.add("on " + source.medium());
    return ": " + String.join(", ", details);
  }

  private static List<String> details(PlanMachines how) {
    List<String> details = new ArrayList<>();
    how.connect().ifPresent(address -> details.add("of " + address));
    switch (how.quiesce()) {
      case REQUIRE -> details.add("held still or not at all");
      case NO -> details.add("not held still");
      case AUTO -> {} // the usual
    }
    how.scratch().ifPresent(directory -> details.add("scratch in " + directory));
    return details;
  }

  private static String details(PlanRepository repository) {
    Keep keep = repository.keep();
    return ": on %s, %s, %s, keeps %s"
        .formatted(
            repository.medium(),
            word(repository.place()),
            repository.passphraseFile().isPresent() ? "encrypted" : "not encrypted",
            keep.keepsAll() ? "all" : keep.text());
  }

  /// When a run was, and how it ended.
  static String ended(RunEntry run) {
    return BackupText.time(run.begunAt()) + " " + state(run.state());
  }

  static String state(RunState state) {
    return state == RunState.FAILED || state == RunState.INTERRUPTED ? state.name() : state.text();
  }

  static Json.Fields json(RunEntry run) {
    return Json.object()
        .put("number", run.number())
        .put("plan", run.plan())
        .put("reason", run.reason().text())
        .put("state", run.state().text())
        .put("begun", run.begunAt())
        .put("ended", run.endedAt())
        .put("message", run.message());
  }

  static Json.Fields json(PlanReport report) {
    return json(report.run())
        .put("steps", report.steps().stream().map(PlanView::json).toList())
        .put(
            "log",
            report.log().stream()
                .map(line -> Json.object().put("at", line.at()).put("text", line.text()))
                .toList());
  }

  private static Json.Fields json(StepEntry step) {
    return Json.object()
        .put("kind", step.kind())
        .put("subject", step.subject())
        .put("state", step.state().text())
        .put("begun", step.begunAt())
        .put("ended", step.endedAt())
        .put("bytes", step.bytes())
        .put("message", step.message());
  }

  static void print(PrintStream out, PlanReport report) {
    RunEntry run = report.run();
    out.printf(
        "%s: run %d, %s UTC, %s: %s%n",
        run.plan(),
        run.number(),
        BackupText.time(run.begunAt()),
        run.reason().text(),
        state(run.state()));
    Table table = new Table("STEP", "OF", "STATE", "TOOK", "WHAT");
    for (StepEntry step : report.steps()) {
      table.add(
          step.kind(),
          step.subject(),
          state(step.state()),
          step.endedAt()
              .map(end ->
                  BackupText.seconds(Math.max(0, Duration.between(step.begunAt(), end).toMillis())))
              .orElse("-"),
          step.message());
    }
    table.print(out);
  }
}
