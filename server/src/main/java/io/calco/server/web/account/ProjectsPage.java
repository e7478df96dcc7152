package io.calco.server.web.account;

import io.calco.catalog.Project;
import io.calco.catalog.RoleAssignment;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Identity;
import io.calco.engine.identity.Projects;
import io.calco.server.web.MenuItem;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// `/projects`: what owns images, and who works in it; for administrators.
public final class ProjectsPage implements Page {
  private final Identity identity;

  /// Projects of this identity.
  public ProjectsPage(Identity identity) {
    this.identity = identity;
  }

  /// A project.
  ///
  /// @param users how many have a role in it
  record Row(Project project, long users) {}

  /// The list.
  ///
  /// @param problem why none was added; empty for nothing
  record Listing(List<Row> rows, String problem) {
    Listing {
      rows = List.copyOf(rows);
    }
  }

  @Override
  public List<MenuItem> menu() {
    return List.of(MenuItem.forAdmins("/projects", "projects.title"));
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get("/projects", visit -> list(visit, HttpStatus.OK, ""))
        .post("/projects", this::create)
        .post("/projects/{project}/enabled", this::enable)
        .get("/projects/{project}/delete", this::ask)
        .post("/projects/{project}/delete", this::delete);
  }

  private Identity by(Visit visit) {
    return identity.as(visit.admin().actor());
  }

  private View list(Visit visit, HttpStatus status, String problem) throws IOException {
    visit.admin();
    return new View.Html(status, "account/projects", new Listing(rows(), problem));
  }

  private List<Row> rows() throws IOException {
    Map<String, Long> users =
        identity.projects().assignments().stream()
            .collect(
                Collectors.groupingBy(
                    RoleAssignment::projectId,
                    Collectors.mapping(
                        RoleAssignment::userId,
                        Collectors.collectingAndThen(
                            Collectors.toSet(), set -> (long) set.size()))));
    return identity.projects().list().stream()
        .map(project -> new Row(project, users.getOrDefault(project.id(), 0L)))
        .toList();
  }

  private Project project(Visit visit) throws IOException {
    visit.admin();
    return identity
        .projects()
        .find(visit.path("project"))
        .orElseThrow(() -> new OperationException(Kind.NOT_FOUND, "There is no such project."));
  }

  private View create(Visit visit) throws IOException {
    Identity by = by(visit);
    try {
      Project made =
          by.projects()
              .create(new Projects.Wanted(visit.field("name"), visit.field("description"), true));
      return View.redirect("/projects", "projects.created", made.name());
    } catch (IOException | RuntimeException e) {
      OperationException told = OperationException.of(e);
      if (told.kind() != Kind.USAGE && told.kind() != Kind.REFUSED) {
        throw e;
      }
      return list(visit, HttpStatus.UNPROCESSABLE_CONTENT, String.valueOf(told.getMessage()));
    }
  }

  private View enable(Visit visit) throws IOException {
    Project project = project(visit);
    boolean enabled = visit.ticked("enabled");
    requireOther(visit, project);
    by(visit)
        .projects()
        .change(project, new Projects.Wanted(project.name(), project.description(), enabled));
    return View.redirect(
        "/projects", enabled ? "projects.enabled" : "projects.disabled", project.name());
  }

  private static void requireOther(Visit visit, Project project) {
    if (visit.caller().projectId().map(project.id()::equals).orElse(false)) {
      throw new OperationException(Kind.REFUSED, "This is the project that you work in.");
    }
  }

  private View ask(Visit visit) throws IOException {
    Project project = project(visit);
    Row row =
        rows().stream()
            .filter(each -> each.project().id().equals(project.id()))
            .findFirst()
            .orElseThrow();
    return View.page("account/delete-project", row);
  }

  private View delete(Visit visit) throws IOException {
    Project project = project(visit);
    requireOther(visit, project);
    by(visit).projects().delete(project);
    return View.redirect("/projects", "projects.deleted", project.name());
  }
}
