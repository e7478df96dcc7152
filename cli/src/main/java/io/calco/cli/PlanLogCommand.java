package io.calco.cli;

import io.calco.catalog.plan.RunEntry;
import io.calco.cli.Syntax.Value;
import io.calco.engine.plan.PlanReport;
import io.calco.engine.plan.Plans;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// `calco plan log`.
final class PlanLogCommand extends PlanCommand.OnPlans {
  private final Value<Long> run =
      words.option("--run", "NUMBER", Long.class, "This run, step by step and line by line.");
  private final Value<Integer> limit =
      words.option(
          "--limit", "N", Integer.class, "20", "How many at most (default: ${DEFAULT-VALUE}).");
  private final Value<String> name =
      words.optionalParameter("NAME", String.class, "Only runs of this plan.");

  PlanLogCommand() {
    super("log", "The newest runs, newest first; or one of them whole.");
    words.examples("calco plan log nightly", "calco plan log --run 12");
  }

  @Override
  int run(Plans plans) throws IOException {
    if (run.given()) {
      tell(plans.report(run.get()));
      return ExitCode.DONE;
    }
    List<RunEntry> runs = plans.runs(name.optional(), limit.get());
    if (json()) {
      Json.print(out(), runs.stream().map(PlanView::json).toList());
    } else if (runs.isEmpty()) {
      say("No plan has run yet.");
    } else {
      Table table = new Table("RUN", "PLAN", "BEGUN", "WHY", "STATE", "FIRST FAILURE");
      for (RunEntry one : runs) {
        table.add(
            one.number(),
            one.plan(),
            BackupText.time(one.begunAt()),
            one.reason().text(),
            PlanView.state(one.state()),
            Optional.of(one.message()).filter(text -> !text.isEmpty()).orElse("-"));
      }
      table.print(out());
    }
    return ExitCode.DONE;
  }

  private void tell(PlanReport report) {
    if (json()) {
      Json.print(out(), PlanView.json(report));
      return;
    }
    PlanView.print(out(), report);
    out().println();
    report
        .log()
        .forEach(
            line -> out().printf("%s  %s%n", BackupText.time(line.at()), Text.safe(line.text())));
  }
}
