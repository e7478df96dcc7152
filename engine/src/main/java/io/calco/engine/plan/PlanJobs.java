package io.calco.engine.plan;

import io.calco.catalog.BackgroundJob;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import io.calco.engine.jobs.JobKind;
import io.calco.engine.jobs.Jobs;
import java.io.IOException;
import java.util.Map;

/// Plans that are run because somebody asked the server to.
///
/// Thread rule: safe for several threads.
public final class PlanJobs {
  private final Plans plans;
  private final Jobs jobs;

  /// Of these plans.
  public PlanJobs(Plans plans, Jobs jobs) {
    this.plans = plans;
    this.jobs = jobs;
  }

  /// Begins to run a plan.
  ///
  /// @param caller an administrator
  /// @throws OperationException NOT_FOUND when there is none of that name
  public BackgroundJob run(Caller caller, String name) throws IOException {
    plans.get(name);
    return jobs.start(
        caller,
        JobKind.PLAN_RUN,
        name,
        job -> {
          PlanReport report = plans.run(name, job);
          if (!report.done()) {
            throw new OperationException(
                Kind.SYSTEM, report.run().message(), "see: calco plan log " + name);
          }
          return Map.of("run", String.valueOf(report.run().number()));
        });
  }
}
