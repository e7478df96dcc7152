package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.plan.Plans;
import java.io.IOException;

/// `calco plan change`.
final class PlanChangeCommand extends PlanCommand.OnPlans {
  private final PlanFlags flags = new PlanFlags(words);
  private final Value<String> name = words.parameter("NAME", String.class, "The plan.");

  PlanChangeCommand() {
    super(
        "change",
        "Change a plan: what is given takes the place of what it said.",
        "All sources are named anew where one is, and likewise repositories and those that are"
            + " copied to.");
    words.examples(
        "calco plan change nightly --daily 03:00",
        "calco plan change nightly --keep last=3,daily=14",
        "calco plan change nightly --copy-to none");
  }

  @Override
  int run(Plans plans) throws IOException {
    plans.change(flags.change(plans.get(name.get())));
    return tell(this, plans, name.get(), "changed");
  }

  static int tell(CommandBase command, Plans plans, String name, String what) throws IOException {
    if (command.json()) {
      Json.print(command.out(), PlanView.json(plans.get(name)));
    } else {
      command
          .out()
          .printf(
              "%s: %s, %s%n",
              name,
              what,
              plans
                  .due(name)
                  .map(next -> "due " + BackupText.time(next) + " UTC")
                  .orElse("run by hand"));
    }
    return ExitCode.DONE;
  }
}
