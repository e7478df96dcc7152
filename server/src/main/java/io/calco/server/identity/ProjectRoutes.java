package io.calco.server.identity;

import io.calco.catalog.Project;
import io.calco.engine.identity.Caller;
import io.calco.engine.identity.Identity;
import io.calco.engine.identity.Projects;
import io.calco.server.http.Json;
import io.calco.server.http.Routes;
import io.calco.server.identity.Views.ProjectView;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.Map;

/// `/projects`.
final class ProjectRoutes implements Routes {
  static final String PROJECT = IdentityRoutes.V3 + "/projects/{project}";
  private static final String PROJECTS = IdentityRoutes.V3 + "/projects";

  private final Identity identity;
  private final Access access;

  ProjectRoutes(Identity identity, Access access) {
    this.identity = identity;
    this.access = access;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.get(PROJECTS, this::list).post(PROJECTS, this::create);
    routes.get(PROJECT, this::show).patch(PROJECT, this::change).delete(PROJECT, this::delete);
  }

  private void list(Context request) throws IOException {
    access.admin(request);
    String base = ServiceCatalog.v3(request);
    Lists.answer(
        request,
        "projects",
        identity.projects().list().stream()
            .filter(project -> Lists.asked(request, "name", project.name()))
            .filter(project -> Lists.asked(request, "enabled", project.enabled()))
            .filter(project -> Lists.asked(request, "domain_id", Domain.ID))
            .filter(project -> Lists.asked(request, "parent_id", Domain.ID))
            .filter(project -> Lists.asked(request, "is_domain", false))
            .map(project -> ProjectView.of(project, base))
            .toList());
  }

  private static void answer(Context request, HttpStatus status, Project project) {
    Json.answer(
        request, status, Map.of("project", ProjectView.of(project, ServiceCatalog.v3(request))));
  }

  /// The one that a request names; its own members may know of it, and administrators.
  private void show(Context request) throws IOException {
    Caller caller = access.anyone(request);
    String id = request.pathParam("project");
    if (!caller.isAdmin()
        && identity.projects().assignments().stream()
            .noneMatch(
                role -> role.userId().equals(caller.userId()) && role.projectId().equals(id))) {
      throw Access.forbidden();
    }
    answer(request, HttpStatus.OK, project(request));
  }

  private Project project(Context request) throws IOException {
    String id = request.pathParam("project");
    return identity.projects().find(id).orElseThrow(() -> Access.notFound("project", id));
  }

  private void create(Context request) throws IOException {
    Identity by = identity.as(access.admin(request).actor());
    Fields fields = Fields.of(request, "project");
    Project project =
        by.projects().create(wanted(fields, Projects.Wanted.named(fields.text("name"))));
    answer(request, HttpStatus.CREATED, project);
  }

  private static Projects.Wanted wanted(Fields fields, Projects.Wanted before) {
    fields.requireDefaultDomain("domain_id");
    fields.requireDefaultDomain("parent_id");
    fields.refuse("options");
    return new Projects.Wanted(
        fields.findText("name").orElse(before.name()),
        fields.findText("description").orElse(before.description()),
        fields.flag("enabled", before.enabled()));
  }

  private void change(Context request) throws IOException {
    Identity by = identity.as(access.admin(request).actor());
    Project project = project(request);
    Fields fields = Fields.of(request, "project");
    answer(
        request,
        HttpStatus.OK,
        by.projects().change(project, wanted(fields, Projects.Wanted.as(project))));
  }

  private void delete(Context request) throws IOException {
    Identity by = identity.as(access.admin(request).actor());
    by.projects().delete(project(request));
    request.status(HttpStatus.NO_CONTENT);
  }
}
