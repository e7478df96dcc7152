package io.calco.cli;

import io.calco.backup.RestorePoint;
import io.calco.backup.Retention;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import io.calco.engine.plan.Keep;
import io.calco.engine.plan.Simulation;
import io.calco.store.CollectionPlan;
import io.calco.store.CollectionReport;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// `calco backup forget`.
final class BackupForgetCommand extends BackupCommand.OnRepository {
  private final Value<Integer> last = keep("last", "the newest N points");
  private final Value<Integer> hourly = keep("hourly", "the last one of each of N hours");
  private final Value<Integer> daily = keep("daily", "the last one of each of N days");
  private final Value<Integer> weekly = keep("weekly", "the last one of each of N weeks");
  private final Value<Integer> monthly = keep("monthly", "the last one of each of N months");
  private final Value<Integer> yearly = keep("yearly", "the last one of each of N years");
  private final Values<String> tags =
      words.lists("--keep-tag", "TAG[,TAG…]", "Keep points that have one of these tags.");
  private final Value<String> machine =
      words.option("--machine", "NAME", String.class, "Judge points of this machine alone.");
  private final Flag dryRun = words.flag("-n, --dry-run", "Only tell what would be forgotten.");
  private final Flag prune =
      words.flag("--prune", "Then free the space, as calco backup prune does.");
  private final Flag calendar =
      words.flag(
          "--calendar",
          "Tell besides what each part of the policy keeps of each machine, and on which days.");
  private final Confirmation confirmation = new Confirmation(words);
  private final Values<String> points =
      words.parameters(0, "POINT", String.class, BackupCommand.POINT);

  BackupForgetCommand() {
    super(
        "forget",
        "Forget restore points: those that are named, or all that a policy does not keep.",
        "What calco backup list tells as damaged is given up by its name: roots/…",
        "Each machine is judged for itself; held points stay. Hours and days count where there is a"
            + " point. Space is free after calco backup prune, or with --prune.");
    words.examples(
        "calco backup forget 3f0a51c2",
        "calco backup forget --keep-daily 7 --keep-monthly 12 --prune --yes",
        "calco backup forget --keep-last 3 --keep-daily 7 --keep-monthly 12 --dry-run --calendar");
  }

  private Value<Integer> keep(String name, String what) {
    return words.option("--keep-" + name, "N", Integer.class, "0", "Keep " + what + ".");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    Backups backups = new Backups(repository);
    Keep rule = keep();
    if (rule.keepsAll() == points.all().isEmpty() || rule.keepsAll() && calendar.given()) {
      throw new OperationException(
          Kind.USAGE, "name points, or a policy", "see: calco backup forget --help");
    }
    List<String> objects = points.all().stream().filter(Backups::isObject).toList();
    if (!objects.isEmpty()) {
      giveUp(backups, objects);
      if (prune.given()) {
        CollectionText.tell(this, collect(backups));
      }
      return ExitCode.DONE;
    }
    List<Retention.Verdict> verdicts = new ArrayList<>();
    if (rule.keepsAll()) {
      for (String name : points.all()) {
        verdicts.add(new Retention.Verdict(repository.find(name), List.of()));
      }
    } else {
      verdicts.addAll(backups.judge(machine.optional(), rule.policy(ZoneId.systemDefault())));
    }
    List<RestorePoint> unwanted =
        verdicts.stream().filter(verdict -> !verdict.kept()).map(Retention.Verdict::point).toList();
    if (!dryRun.given() && !unwanted.isEmpty()) {
      confirmation.require(
          "Forget %s of %d?"
              .formatted(Text.count(unwanted.size(), "restore point"), verdicts.size()));
      backups.forget(unwanted);
    }
    Object told = calendar.given() ? show(repository, rule, verdicts) : tell(verdicts);
    if (prune.given()) {
      tellPruned(backups, unwanted, told);
    } else if (json()) {
      Json.print(out(), told);
    }
    return ExitCode.DONE;
  }

  /// @param told of the points, for JSON
  private void tellPruned(Backups backups, List<RestorePoint> unwanted, Object told)
      throws IOException {
    Json.Fields all = Json.object().put("forget", told);
    if (dryRun.given()) {
      CollectionPlan plan;
      try (Progress progress = progress()) {
        plan = backups.planPruning(unwanted, progress);
      }
      all.put("prune", CollectionText.json(plan));
      if (!json()) {
        CollectionText.print(out(), plan);
      }
    } else {
      CollectionReport report = collect(backups);
      all.put("prune", CollectionText.json(report));
      if (!json()) {
        CollectionText.print(out(), report);
      }
    }
    if (json()) {
      Json.print(out(), all);
    }
  }

  private CollectionReport collect(Backups backups) throws IOException {
    try (Progress progress = progress()) {
      return backups.prune(progress);
    }
  }

  /// Besides the points, what each part of the rule keeps of each machine's, and on which days.
  ///
  /// @return the same for JSON
  private Object show(BackupRepository repository, Keep rule, List<Retention.Verdict> verdicts) {
    Map<String, List<Retention.Verdict>> machines =
        verdicts.stream()
            .collect(
                Collectors.groupingBy(
                    verdict -> verdict.point().machine(), TreeMap::new, Collectors.toList()));
    Instant now = Instant.now();
    List<Json.Fields> all = new ArrayList<>();
    if (!json()) {
      tell(verdicts);
    }
    machines.forEach((name, own) -> {
      Simulation simulation =
          Simulation.of(name, repository.address(), rule, ZoneId.systemDefault(), now, own);
      if (json()) {
        all.add(
            json(simulation).put("points", own.stream().map(BackupForgetCommand::json).toList()));
      } else {
        print(simulation);
      }
    });
    return all;
  }

  private void print(Simulation simulation) {
    out().println();
    out().printf("%s, keeps %s%n", Text.safe(simulation.source()), simulation.keep().text());
    Table table = new Table("RULE", "KEEPS", "ALONE", "OLDEST", "NEWEST");
    for (Simulation.Part part : simulation.parts()) {
      table.add(
          part.reason(),
          part.kept().size(),
          part.alone(),
          BackupText.time(part.kept().getFirst().at()),
          BackupText.time(part.kept().getLast().at()));
    }
    table.print(out());
    PointCalendar.printDays(out(), simulation);
  }

  private static Json.Fields json(Simulation simulation) {
    return Json.object()
        .put("machine", simulation.source())
        .put("keep", simulation.keep().text())
        .put(
            "rules",
            simulation.parts().stream()
                .map(part ->
                    Json.object()
                        .put("rule", part.reason())
                        .put(
                            "keeps",
                            part.kept().stream().map(point -> point.existing().orElse("")).toList())
                        .put("alone", part.alone()))
                .toList())
        .put(
            "days",
            simulation.days().entrySet().stream()
                .map(day ->
                    Json.object()
                        .put("day", day.getKey().toString())
                        .put("points", day.getValue().points())
                        .put("kept", day.getValue().kept())
                        .put("reason", day.getValue().reason()))
                .toList());
  }

  private static Json.Fields json(Retention.Verdict verdict) {
    return Json.object()
        .put("id", verdict.point().id())
        .put("machine", verdict.point().machine())
        .put("created", verdict.point().created())
        .put("kept", verdict.kept())
        .put("reasons", verdict.reasons());
  }

  private void giveUp(Backups backups, List<String> objects) throws IOException {
    if (objects.size() < points.all().size()) {
      throw new OperationException(
          Kind.USAGE, "points are forgotten for themselves, and damaged objects for themselves");
    }
    if (dryRun.given()) {
      throw new OperationException(Kind.USAGE, "of damaged objects there is no --dry-run");
    }
    confirmation.require(
        "Give up %s, and what only they led to?".formatted(String.join(", ", objects)));
    for (String object : objects) {
      backups.giveUp(object);
      say("%s: given up".formatted(Text.safe(object)));
    }
  }

  private Keep keep() {
    try {
      return new Keep(
          last.get(),
          hourly.get(),
          daily.get(),
          weekly.get(),
          monthly.get(),
          yearly.get(),
          tags.all());
    } catch (IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, String.valueOf(e.getMessage()));
    }
  }

  /// @return the same for JSON
  private Object tell(List<Retention.Verdict> verdicts) {
    if (json()) {
      return verdicts.stream().map(BackupForgetCommand::json).toList();
    }
    Table table = new Table("ID", "MADE", "MACHINE", "VERDICT");
    for (Retention.Verdict verdict : verdicts) {
      table.add(
          BackupRepository.shortId(verdict.point()),
          BackupText.time(verdict.point().created()),
          verdict.point().machine(),
          verdict.kept()
              ? "kept: " + String.join(", ", verdict.reasons())
              : dryRun.given() ? "to be forgotten" : "forgotten");
    }
    table.print(out());
    return List.of();
  }
}
