package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.plan.Foretold;
import io.calco.engine.plan.Plans;
import io.calco.engine.plan.Simulation;
import java.io.IOException;

/// `calco plan simulate`.
final class PlanSimulateCommand extends PlanCommand.OnPlans {
  private final Value<Integer> days =
      words.option(
          "--days",
          "N",
          Integer.class,
          "60",
          "How many days to look ahead (default: ${DEFAULT-VALUE}); 0 for now.");
  private final Value<String> name = words.parameter("NAME", String.class, "The plan.");

  PlanSimulateCommand() {
    super(
        "simulate",
        "What the rules of a plan keep of the points that there are and will be: a calendar.",
        "If every run is made at its time. Letters say why the day's point that lasts longest is"
            + " there; - is a day all of whose points are gone by then.");
    words.exitCodes("0:all is shown", "1:a repository could not be opened; the rest is shown");
    words.examples("calco plan simulate nightly --days 365");
  }

  @Override
  int run(Plans plans) throws IOException {
    Foretold all = plans.simulate(name.get(), days.get());
    if (json()) {
      Json.print(out(), all.simulations().stream().map(PlanSimulateCommand::json).toList());
    } else {
      all.simulations().forEach(one -> PointCalendar.print(out(), one));
    }
    for (Foretold.Unseen unseen : all.unseen()) {
      say(
          "calco: %s is left out: %s"
              .formatted(Text.safe(unseen.repository()), Text.safe(unseen.why())));
    }
    return all.unseen().isEmpty() ? ExitCode.DONE : ExitCode.NO;
  }

  private static Json.Fields json(Simulation one) {
    return Json.object()
        .put("source", one.source())
        .put("repository", one.repository())
        .put("keep", one.keep().keepsAll() ? "all" : one.keep().text())
        .put("now", one.now())
        .put("until", one.until())
        .put(
            "points",
            one.points().stream()
                .map(point ->
                    Json.object()
                        .put("at", point.at())
                        .put("id", point.existing())
                        .put("kept", point.kept())
                        .put("reasons", point.reasons())
                        .put("forgotten", point.forgotten()))
                .toList());
  }
}
