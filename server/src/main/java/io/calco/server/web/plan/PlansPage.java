package io.calco.server.web.plan;

import io.calco.catalog.plan.RunEntry;
import io.calco.catalog.plan.RunState;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.plan.Board;
import io.calco.engine.plan.Foretold;
import io.calco.engine.plan.Lack;
import io.calco.engine.plan.Plan;
import io.calco.engine.plan.PlanJobs;
import io.calco.engine.plan.PlanNotices;
import io.calco.engine.plan.PlanReport;
import io.calco.engine.plan.Plans;
import io.calco.engine.plan.Simulation;
import io.calco.server.web.MenuItem;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.Text;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// `/plans`: the board of 3-2-1, each plan with its runs, and a run with its steps and its log.
public final class PlansPage implements Page {
  private static final String PLAN = "/plans/{name}";
  private static final int RUNS = 50;
  private static final int DAYS_AHEAD = 60;

  private final Plans plans;
  private final PlanJobs jobs;

  /// Shows these.
  public PlansPage(Plans plans, PlanJobs jobs) {
    this.plans = plans;
    this.jobs = jobs;
  }

  /// A plan with its disks.
  ///
  /// @param view what is planned, and how it stands
  /// @param rows a source each
  record PlanRow(Plans.View view, List<Board.Row> rows) {
    PlanRow {
      rows = List.copyOf(rows);
    }

    String name() {
      return view.plan().name();
    }

    boolean complete() {
      return rows.stream().allMatch(Board.Row::complete);
    }

    String path() {
      return "/plans/" + name();
    }
  }

  /// All plans.
  record PlansModel(List<PlanRow> plans) {
    PlansModel {
      plans = List.copyOf(plans);
    }

    long disks() {
      return plans.stream().mapToLong(plan -> plan.rows().size()).sum();
    }

    long safe() {
      return plans.stream()
          .flatMap(plan -> plan.rows().stream())
          .filter(Board.Row::complete)
          .count();
    }
  }

  /// A plan's page.
  record PlanModel(PlanRow plan, List<RunEntry> runs) {
    PlanModel {
      runs = List.copyOf(runs);
    }

    /// Whether something is said of care and notices.
    boolean cared() {
      Plan said = plan.view().plan();
      return said.readDays().isPresent()
          || said.testDays().isPresent()
          || said.rate().isPresent()
          || !said.notices().equals(PlanNotices.none());
    }

    /// The rest of its address may be a secret.
    String webhookHost() {
      return plan.view()
          .plan()
          .notices()
          .webhook()
          .map(webhook -> URI.create(webhook.address()).getHost())
          .orElse("");
    }
  }

  /// What stays.
  ///
  /// @param calendars a disk in a repository each
  /// @param problem why that cannot be said; empty for nothing
  record StaysModel(List<PlanCalendar> calendars, String problem) {
    StaysModel {
      calendars = List.copyOf(calendars);
    }
  }

  @Override
  public List<MenuItem> menu() {
    return List.of(MenuItem.forAdmins("/plans", "plans.title"));
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get("/plans", this::show)
        .get("/plans/runs/{number}", this::run)
        .get(PLAN, this::plan)
        .get(PLAN + "/stays", this::stays)
        .post(PLAN + "/run", this::begin);
  }

  private View show(Visit visit) throws IOException {
    visit.admin();
    List<PlanRow> rows = new ArrayList<>();
    for (Plans.View view : plans.list()) {
      rows.add(row(view));
    }
    return View.page("plan/plans", new PlansModel(rows));
  }

  private PlanRow row(Plans.View view) throws IOException {
    return new PlanRow(view, plans.board(view.plan().name()));
  }

  private View plan(Visit visit) throws IOException {
    visit.admin();
    String name = visit.path("name");
    return View.page(
        "plan/plan", new PlanModel(row(plans.view(name)), plans.runs(Optional.of(name), RUNS)));
  }

  /// What stays in each repository, for a script that asks once the page is there: repositories may
  /// be far away.
  private View stays(Visit visit) throws IOException {
    visit.admin();
    List<PlanCalendar> calendars = new ArrayList<>();
    String problem = "";
    try {
      Foretold all = plans.simulate(visit.path("name"), DAYS_AHEAD);
      for (Simulation each : all.simulations()) {
        calendars.add(PlanCalendar.of(each, visit.text()));
      }
      problem =
          all.unseen().stream()
              .map(unseen -> unseen.repository() + ": " + unseen.why())
              .collect(Collectors.joining("; "));
    } catch (IOException | RuntimeException e) {
      problem = String.valueOf(OperationException.of(e).getMessage());
    }
    return View.page("plan/stays", new StaysModel(calendars, problem));
  }

  private View run(Visit visit) throws IOException {
    visit.admin();
    String number = visit.path("number");
    if (!number.matches("[0-9]{1,18}")) {
      throw new OperationException(Kind.NOT_FOUND, "There is no such run.");
    }
    PlanReport report = plans.report(Long.parseLong(number));
    return View.page("plan/run", report);
  }

  private View begin(Visit visit) throws IOException {
    return View.redirect("/jobs/" + jobs.run(visit.admin(), visit.path("name")).id());
  }

  /// What is missing, in the reader's language.
  public static String lack(Text text, Lack lack) {
    String what = text.of("plans.lack." + lack.kind().key(), lack.values().toArray());
    return lack.repository().isEmpty() ? what : lack.repository() + ": " + what;
  }

  /// The class that colours a state.
  static String mark(RunState state) {
    return switch (state) {
      case DONE -> "good";
      case FAILED, INTERRUPTED -> "bad";
      case RUNNING -> "busy";
      case CANCELLED -> "";
    };
  }

  /// How long a run took; empty while it runs.
  static String took(RunEntry run, Text text) {
    return run.endedAt().map(end -> text.duration(Duration.between(run.begunAt(), end))).orElse("");
  }
}
