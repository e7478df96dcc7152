package io.calco.cli;

import io.calco.catalog.plan.RunEntry;
import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.audit.Actor;
import io.calco.engine.plan.MailServer;
import io.calco.engine.plan.Plan;
import io.calco.engine.plan.PlanSettings;
import io.calco.engine.plan.Plans;
import java.io.IOException;
import java.util.List;

/// `calco plan`: backups that are made, copied, forgotten and verified by themselves.
final class PlanCommand extends GroupCommand {
  PlanCommand() {
    super(
        "plan",
        "Backups by themselves: schedules, copies, retention, verification, and the rule of 3-2-1.");
  }

  @Override
  List<Member> members() {
    return List.of(
        new Member("add", PlanAddCommand::new),
        new Member("list", ListPlans::new),
        new Member("show", Show::new),
        new Member("change", PlanChangeCommand::new),
        new Member("remove", Remove::new),
        new Member("run", PlanRunCommand::new),
        new Member("log", PlanLogCommand::new),
        new Member("status", PlanStatusCommand::new),
        new Member("simulate", PlanSimulateCommand::new));
  }

  /// A command on plans; it tells of runs that ended with their process.
  abstract static class OnPlans extends HomeCommand {
    OnPlans(String name, String... description) {
      super(name, description);
    }

    @Override
    final int run(Calco calco) throws IOException {
      Plans plans =
          new Plans(
              calco,
              Actor.command(),
              PlanSettings.defaults().withMail(MailServer.of(System.getenv())));
      for (RunEntry run : plans.findInterrupted()) {
        say(
            "calco: plan %s: run %d, begun %s: %s"
                .formatted(
                    run.plan(),
                    run.number(),
                    BackupText.time(run.begunAt()),
                    Text.safe(run.message())));
      }
      return run(plans);
    }

    /// Does the work; the exit code.
    abstract int run(Plans plans) throws IOException;
  }

  /// `calco plan list`.
  static final class ListPlans extends OnPlans {
    ListPlans() {
      super("list", "All plans: when each is due, and how its last run ended.");
    }

    @Override
    int run(Plans plans) throws IOException {
      List<Plans.View> all = plans.list();
      if (json()) {
        Json.print(out(), all.stream().map(PlanView::json).toList());
      } else if (all.isEmpty()) {
        say("There are no plans. Make one: calco plan add --help");
      } else {
        Table table = new Table("PLAN", "SCHEDULE", "NEXT", "LAST RUN", "SOURCES", "REPOSITORIES");
        for (Plans.View view : all) {
          table.add(
              view.plan().name(),
              view.plan().schedule(),
              view.next().map(BackupText::time).orElse("-"),
              view.last().map(PlanView::ended).orElse("-"),
              view.plan().sources().size(),
              view.plan().repositories().size());
        }
        table.print(out());
      }
      return ExitCode.DONE;
    }
  }

  /// `calco plan show`.
  static final class Show extends OnPlans {
    private final Value<String> name = words.parameter("NAME", String.class, "The plan.");

    Show() {
      super("show", "What a plan says.");
    }

    @Override
    int run(Plans plans) throws IOException {
      Plan plan = plans.get(name.get());
      if (json()) {
        Json.print(out(), PlanView.json(plan));
      } else {
        PlanView.print(out(), plan);
      }
      return ExitCode.DONE;
    }
  }

  /// `calco plan remove`.
  static final class Remove extends OnPlans {
    private final Confirmation confirmation = new Confirmation(words);
    private final Value<String> name = words.parameter("NAME", String.class, "The plan.");

    Remove() {
      super(
          "remove",
          "Take a plan away, with the record of its runs. Its restore points stay where they are.");
    }

    @Override
    int run(Plans plans) throws IOException {
      plans.get(name.get());
      confirmation.require("Remove the plan %s?".formatted(name.get()));
      plans.remove(name.get());
      say(name.get() + ": removed");
      return ExitCode.DONE;
    }
  }
}
