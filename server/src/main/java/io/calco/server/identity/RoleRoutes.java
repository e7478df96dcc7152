package io.calco.server.identity;

import io.calco.catalog.CatalogException;
import io.calco.catalog.Project;
import io.calco.catalog.RoleAssignment;
import io.calco.catalog.User;
import io.calco.engine.identity.Identity;
import io.calco.engine.identity.Role;
import io.calco.server.http.Json;
import io.calco.server.http.Routes;
import io.calco.server.identity.Views.RoleView;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// `/roles`, `/role_assignments`, and the roles of a user in a project.
final class RoleRoutes implements Routes {
  private static final String ROLES = IdentityRoutes.V3 + "/roles";
  private static final String OF_USER = ProjectRoutes.PROJECT + "/users/{user}/roles";

  private final Identity identity;
  private final Access access;

  RoleRoutes(Identity identity, Access access) {
    this.identity = identity;
    this.access = access;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.get(ROLES, this::list);
    routes.get(ROLES + "/{role}", this::show);
    routes.get(IdentityRoutes.V3 + "/role_assignments", this::assignments);
    routes.get(OF_USER, this::ofUser);
    routes.put(OF_USER + "/{role}", this::assign);
    routes.head(OF_USER + "/{role}", this::check).get(OF_USER + "/{role}", this::check);
    routes.delete(OF_USER + "/{role}", this::unassign);
  }

  private void list(Context request) throws IOException {
    access.anyone(request);
    String base = ServiceCatalog.v3(request);
    Lists.answer(
        request,
        "roles",
        Arrays.stream(Role.values())
            .map(Role::text)
            .filter(role -> Lists.asked(request, "name", role))
            .filter(role -> request.queryParam("domain_id") == null)
            .map(role -> RoleView.of(role, base))
            .toList());
  }

  private void show(Context request) throws IOException {
    access.anyone(request);
    Json.answer(
        request,
        HttpStatus.OK,
        Map.of("role", RoleView.of(role(request).text(), ServiceCatalog.v3(request))));
  }

  private static Role role(Context request) {
    String id = request.pathParam("role");
    return Role.find(id).orElseThrow(() -> Access.notFound("role", id));
  }

  private Project project(Context request) throws IOException {
    String id = request.pathParam("project");
    return identity.projects().find(id).orElseThrow(() -> Access.notFound("project", id));
  }

  private User user(Context request) throws IOException {
    String id = request.pathParam("user");
    return identity.users().find(id).orElseThrow(() -> Access.notFound("user", id));
  }

  private void ofUser(Context request) throws IOException {
    access.userOrAdmin(request, request.pathParam("user"));
    String base = ServiceCatalog.v3(request);
    Lists.answer(
        request,
        "roles",
        identity.projects().roles(project(request), user(request)).stream()
            .sorted()
            .map(role -> RoleView.of(role, base))
            .toList());
  }

  private void assign(Context request) throws IOException {
    Identity by = identity.as(access.admin(request).actor());
    by.projects().assign(project(request), user(request), role(request));
    request.status(HttpStatus.NO_CONTENT);
  }

  private void check(Context request) throws IOException {
    access.userOrAdmin(request, request.pathParam("user"));
    Role role = role(request);
    if (!identity.projects().roles(project(request), user(request)).contains(role.text())) {
      throw Access.notFound("role assignment", role.text());
    }
    request.status(HttpStatus.NO_CONTENT);
  }

  private void unassign(Context request) throws IOException {
    Identity by = identity.as(access.admin(request).actor());
    Role role = role(request);
    try {
      by.projects().unassign(project(request), user(request), role);
    } catch (CatalogException.Gone e) {
      throw Access.notFound("role assignment", role.text());
    }
    request.status(HttpStatus.NO_CONTENT);
  }

  private void assignments(Context request) throws IOException {
    String asked = request.queryParam("user.id");
    if (asked == null) {
      access.admin(request);
    } else {
      access.userOrAdmin(request, asked);
    }
    Naming naming = naming(request);
    String base = ServiceCatalog.v3(request);
    List<Map<String, Object>> found =
        identity.projects().assignments().stream()
            .filter(each -> Lists.asked(request, "user.id", each.userId()))
            .filter(each -> Lists.asked(request, "scope.project.id", each.projectId()))
            .filter(each -> Lists.asked(request, "role.id", each.role()))
            .filter(each -> isOfUserInProject(request))
            .map(each -> view(each, naming, base))
            .toList();
    Lists.answer(request, "role_assignments", found);
  }

  /// There are no groups, and no roles in a domain or in the system.
  private static boolean isOfUserInProject(Context request) {
    return List.of("group.id", "scope.domain.id", "scope.system").stream()
        .allMatch(each -> request.queryParam(each) == null);
  }

  /// How a thing is told: by its id, or by its name and domain too.
  private record Naming(Function<String, Object> user, Function<String, Object> project) {}

  private Naming naming(Context request) throws IOException {
    if (Optional.ofNullable(request.queryParam("include_names")).isEmpty()) {
      return new Naming(id -> Map.of("id", id), id -> Map.of("id", id));
    }
    Map<String, String> users =
        identity.users().list().stream().collect(Collectors.toMap(User::id, User::name));
    Map<String, String> projects =
        identity.projects().list().stream().collect(Collectors.toMap(Project::id, Project::name));
    return new Naming(id -> named(id, users), id -> named(id, projects));
  }

  private static Views.InDomain named(String id, Map<String, String> names) {
    return new Views.InDomain(id, names.getOrDefault(id, ""), Domain.DEFAULT);
  }

  private static Map<String, Object> view(RoleAssignment each, Naming naming, String base) {
    return Map.of(
        "role",
        Views.role(each.role()),
        "user",
        naming.user().apply(each.userId()),
        "scope",
        Map.of("project", naming.project().apply(each.projectId())),
        "links",
        new Views.Links(
            "%s/projects/%s/users/%s/roles/%s"
                .formatted(base, each.projectId(), each.userId(), each.role())));
  }
}
