package io.calco.server.web.template;

import io.calco.catalog.BackgroundJob;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.TemplateReport;
import io.calco.engine.Templates.Deletion;
import io.calco.engine.Templates.Dependents;
import io.calco.engine.host.HostClones;
import io.calco.engine.host.HostWork;
import io.calco.server.web.MenuItem;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import java.io.IOException;
import java.util.List;

/// `/templates`: all of them, and each with what was made of it.
public final class TemplatesPage implements Page {
  private final HostWork host;
  private final HostClones clones;

  /// Shows this host's.
  ///
  /// @param clones what deletes them
  public TemplatesPage(HostWork host, HostClones clones) {
    this.host = host;
    this.clones = clones;
  }

  /// The list.
  ///
  /// @param templates each with its newest version
  record Listing(List<TemplateReport> templates) {
    Listing {
      templates = List.copyOf(templates);
    }
  }

  /// One template.
  ///
  /// @param versions newest first
  /// @param drawing what was made of it
  record Shown(List<TemplateReport> versions, LineageDrawing drawing) {
    Shown {
      versions = List.copyOf(versions);
    }

    TemplateReport newest() {
      return versions.getFirst();
    }

    int clones() {
      return versions.stream().mapToInt(version -> version.clones().size()).sum();
    }
  }

  /// What deleting one takes with it.
  ///
  /// @param name the template's
  /// @param deletion disks and clones
  record Deleting(String name, Deletion deletion) {}

  @Override
  public List<MenuItem> menu() {
    return List.of(new MenuItem("/templates", "templates.title", host::allows));
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get(
            "/templates",
            visit -> View.page("template/list", new Listing(host.templates(visit.caller()))))
        .get("/templates/{template}", this::show)
        .get("/templates/{template}/delete", this::ask)
        .post("/templates/{template}/delete", this::delete);
  }

  private View show(Visit visit) throws IOException {
    String name = visit.path("template");
    List<TemplateReport> versions = host.versions(visit.caller(), name).reversed();
    return View.page(
        "template/show",
        new Shown(versions, LineageDrawing.of(host.lineage(visit.caller()), versions)));
  }

  private View ask(Visit visit) throws IOException {
    String name = visit.path("template");
    return View.page(
        "template/delete", new Deleting(name, host.previewDelete(visit.caller(), name)));
  }

  private View delete(Visit visit) throws IOException {
    Dependents dependents =
        switch (visit.field("clones")) {
          case "", "refuse" -> Dependents.REFUSE;
          case "flatten" -> Dependents.FLATTEN;
          case "delete" -> Dependents.DELETE;
          default -> throw new OperationException(Kind.USAGE, "Clones are kept or deleted.");
        };
    BackgroundJob job = clones.deleteTemplate(visit.caller(), visit.path("template"), dependents);
    return View.redirect("/jobs/" + job.id());
  }
}
