package io.calco.server.web.job;

import io.calco.engine.images.ImageImports;
import io.calco.engine.images.ImageImports.Fetched;
import io.calco.engine.jobs.JobView;
import io.calco.engine.jobs.Jobs;
import io.calco.server.web.MenuItem;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.ProgressText;
import io.calco.server.web.Text;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `/jobs`: long work, the caller's or, for an administrator, everybody's.
public final class JobsPage implements Page {
  private static final int PAGE = 30;

  private final Jobs jobs;
  private final ImageImports imports;

  /// Shows these.
  public JobsPage(Jobs jobs, ImageImports imports) {
    this.jobs = jobs;
    this.imports = imports;
  }

  /// The list.
  ///
  /// @param fetched images whose content is being fetched; only before the first page
  /// @param rows a page of jobs
  /// @param after the job that the page begins after; empty for the first page
  /// @param next the job that the next page begins after; empty on the last
  /// @param everybodys whether others' are among them
  record Jobbing(
      List<Fetched> fetched,
      List<JobRow> rows,
      String after,
      Optional<String> next,
      boolean everybodys) {
    Jobbing {
      fetched = List.copyOf(fetched);
      rows = List.copyOf(rows);
    }

    /// Whether anything will change by itself.
    boolean moves() {
      return !fetched.isEmpty() || rows.stream().anyMatch(row -> !row.ended());
    }

    ProgressText progress(Fetched each, Text text) {
      return new ProgressText(each.progress(), text);
    }
  }

  @Override
  public List<MenuItem> menu() {
    return List.of(MenuItem.forAll("/jobs", "jobs.title"));
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get("/jobs", visit -> View.page(visit.isForPart() ? "job/rows" : "job/list", list(visit)))
        .get(
            "/jobs/{job}",
            visit -> View.page(visit.isForPart() ? "job/status" : "job/show", one(visit)))
        .post("/jobs/{job}/cancel", this::cancel);
  }

  private Jobbing list(Visit visit) throws IOException {
    String asked = visit.query("after");
    String after = asked.matches("[0-9a-f-]{36}") ? asked : "";
    Optional<String> from = Optional.of(after).filter(id -> !id.isEmpty());
    List<JobView> found = new ArrayList<>(jobs.list(visit.caller(), from, PAGE + 1));
    Optional<String> next = Optional.empty();
    if (found.size() > PAGE) {
      found.removeLast();
      next = Optional.of(found.getLast().recorded().id());
    }
    return new Jobbing(
        after.isEmpty() ? imports.fetched(visit.caller()) : List.of(),
        found.stream().map(view -> new JobRow(view, visit.text())).toList(),
        after,
        next,
        visit.caller().isAdmin());
  }

  private JobRow one(Visit visit) throws IOException {
    return new JobRow(jobs.get(visit.caller(), visit.path("job")), visit.text());
  }

  private View cancel(Visit visit) throws IOException {
    String id = visit.path("job");
    jobs.cancel(visit.caller(), id);
    return View.redirect("/jobs/" + id, "jobs.stopping");
  }
}
