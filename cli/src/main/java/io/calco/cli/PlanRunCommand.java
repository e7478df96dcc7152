package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.plan.PlanReport;
import io.calco.engine.plan.Plans;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `calco plan run`.
final class PlanRunCommand extends PlanCommand.OnPlans {
  private final Flag due =
      words.flag("--due", "Only if it is due; without a name all plans that are, one by one.");
  private final Flag dryRun = words.flag("-n, --dry-run", "Only tell what would be done.");
  private final Value<String> name = words.optionalParameter("NAME", String.class, "The plan.");

  PlanRunCommand() {
    super(
        "run",
        "Run a plan now: back up, copy, forget, prune, verify a share, try a restore.",
        "What fails stops nothing else. A plan runs once at a time; with --due, once for each of its"
            + " times, whoever else looks: a server, another timer.");
    words.exitCodes("0:all was done, or nothing was due", "1:something failed");
    words.examples("calco plan run nightly", "calco plan run --due --quiet");
  }

  @Override
  int run(Plans plans) throws IOException {
    if (!due.given() && !name.given()) {
      throw new OperationException(Kind.USAGE, "name a plan, or say --due", "see: calco plan list");
    }
    List<String> names = name.given() ? List.of(name.get()) : plans.names();
    if (dryRun.given()) {
      return rehearse(plans, names);
    }
    List<PlanReport> reports = new ArrayList<>();
    try (Progress progress = progress()) {
      for (String one : names) {
        if (due.given()) {
          plans.get(one);
          plans.runIfDue(one, progress).ifPresent(reports::add);
        } else {
          reports.add(plans.run(one, progress));
        }
      }
    }
    if (json()) {
      Json.print(out(), reports.stream().map(PlanView::json).toList());
    } else if (reports.isEmpty()) {
      say("Nothing is due.");
    } else {
      reports.forEach(report -> PlanView.print(out(), report));
    }
    return reports.stream().allMatch(PlanReport::done) ? ExitCode.DONE : ExitCode.NO;
  }

  private int rehearse(Plans plans, List<String> names) throws IOException {
    Json.Fields all = Json.object();
    for (String one : names) {
      if (due.given() && !plans.isDue(one)) {
        continue;
      }
      List<String> lines = plans.rehearse(one);
      all.put(one, lines);
      if (!json()) {
        lines.forEach(line -> out().println(one + ": " + Text.safe(line)));
      }
    }
    if (json()) {
      Json.print(out(), all);
    }
    return ExitCode.DONE;
  }
}
