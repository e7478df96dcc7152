package io.calco.server.web.clone;

import io.calco.catalog.BackgroundJob;
import io.calco.catalog.Clone;
import io.calco.engine.CloneReport;
import io.calco.engine.host.HostClones;
import io.calco.engine.host.HostWork;
import io.calco.server.web.MenuItem;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/// `/clones`: all of them, and what can be done to each.
public final class ClonesPage implements Page {
  private static final int SHOWN_MAX = 500;

  private final HostWork host;
  private final HostClones clones;

  /// Shows this host's.
  ///
  /// @param clones takes from them what they hold
  public ClonesPage(HostWork host, HostClones clones) {
    this.host = host;
    this.clones = clones;
  }

  /// The list.
  ///
  /// @param clones those that are shown
  /// @param search part of the names, or of their templates'; empty for all
  /// @param all how many match
  record Listing(List<CloneReport> clones, String search, int all) {
    Listing {
      clones = List.copyOf(clones);
    }

    int more() {
      return all - clones.size();
    }
  }

  /// A question before something is lost.
  ///
  /// @param about the clone
  /// @param deed `delete` or `reset`
  record Question(CloneReport about, String deed) {}

  @Override
  public List<MenuItem> menu() {
    return List.of(new MenuItem("/clones", "clones.title", host::allows));
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get("/clones", this::list)
        .get("/clones/{clone}", this::show)
        .get("/clones/{clone}/delete", visit -> ask(visit, "delete"))
        .get("/clones/{clone}/reset", visit -> ask(visit, "reset"))
        .post("/clones/{clone}/delete", this::delete)
        .post("/clones/{clone}/reset", this::reset)
        .post("/clones/{clone}/flatten", this::flatten);
  }

  private View list(Visit visit) throws IOException {
    String search = visit.query("q").strip();
    String lower = search.toLowerCase(Locale.ROOT);
    List<CloneReport> found =
        host.clones(visit.caller()).stream().filter(clone -> matches(clone, lower)).toList();
    return View.page(
        "clone/list", new Listing(found.stream().limit(SHOWN_MAX).toList(), search, found.size()));
  }

  private static boolean matches(CloneReport clone, String lower) {
    Clone facts = clone.facts();
    return facts.name().toLowerCase(Locale.ROOT).contains(lower)
        || facts.template().toLowerCase(Locale.ROOT).contains(lower);
  }

  private View show(Visit visit) throws IOException {
    return View.page("clone/show", host.clone(visit.caller(), visit.path("clone")));
  }

  private View ask(Visit visit, String deed) throws IOException {
    return View.page(
        "clone/ask", new Question(host.clone(visit.caller(), visit.path("clone")), deed));
  }

  private View delete(Visit visit) throws IOException {
    String name = visit.path("clone");
    clones.delete(visit.caller(), name);
    return View.redirect("/clones", "clones.deleted", name);
  }

  private View reset(Visit visit) throws IOException {
    return job(clones.reset(visit.caller(), visit.path("clone")));
  }

  private View flatten(Visit visit) throws IOException {
    return job(host.flattenClone(visit.caller(), visit.path("clone")));
  }

  private static View job(BackgroundJob job) {
    return View.redirect("/jobs/" + job.id());
  }
}
