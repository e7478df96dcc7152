package io.calco.server.web.account;

import io.calco.catalog.Project;
import io.calco.catalog.RoleAssignment;
import io.calco.catalog.User;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Identity;
import io.calco.engine.identity.Role;
import io.calco.engine.identity.Users;
import io.calco.server.web.MenuItem;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// `/users`: who may use the server, in which project, as what; for administrators.
public final class UsersPage implements Page {
  private final Identity identity;

  /// Users of this identity.
  public UsersPage(Identity identity) {
    this.identity = identity;
  }

  /// A role in a project.
  record Held(Project project, String role) {}

  /// A user and what they hold.
  record Row(User user, List<Held> roles) {
    Row {
      roles = List.copyOf(roles);
    }
  }

  /// The list, and the form for one more.
  ///
  /// @param typed the name that was typed; empty for none
  /// @param problem why nobody was added; empty for nothing
  record Listing(List<Row> rows, List<Project> projects, String typed, String problem) {
    Listing {
      rows = List.copyOf(rows);
      projects = List.copyOf(projects);
    }

    static List<String> roles() {
      return Arrays.stream(Role.values()).map(Role::text).toList().reversed();
    }
  }

  /// One user.
  ///
  /// @param self whether it is the caller
  record Shown(Row row, List<Project> projects, boolean self) {
    Shown {
      projects = List.copyOf(projects);
    }
  }

  /// A password that was made, shown once.
  record Password(User user, String password) {
    @Override
    public String toString() {
      return "Password[" + user.name() + "]";
    }
  }

  @Override
  public List<MenuItem> menu() {
    return List.of(MenuItem.forAdmins("/users", "users.title"));
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get("/users", visit -> list(visit, HttpStatus.OK, ""))
        .post("/users", this::create)
        .get("/users/{user}", this::show)
        .get("/users/{user}/delete", visit -> View.page("account/delete-user", row(visit)))
        .post("/users/{user}/delete", this::delete)
        .post("/users/{user}/enabled", this::enable)
        .post("/users/{user}/password", this::password)
        .post("/users/{user}/roles", this::grant)
        .post("/users/{user}/roles/revoke", this::revoke);
  }

  private Identity by(Visit visit) {
    return identity.as(visit.admin().actor());
  }

  private View list(Visit visit, HttpStatus status, String problem) throws IOException {
    visit.admin();
    List<Project> projects = identity.projects().list();
    Map<String, Project> byId =
        projects.stream().collect(Collectors.toMap(Project::id, project -> project));
    Map<String, List<RoleAssignment>> roles =
        identity.projects().assignments().stream()
            .collect(Collectors.groupingBy(RoleAssignment::userId));
    List<Row> rows =
        identity.users().list().stream()
            .map(user -> new Row(user, held(roles.getOrDefault(user.id(), List.of()), byId)))
            .toList();
    return new View.Html(
        status,
        "account/users",
        new Listing(rows, projects, problem.isEmpty() ? "" : visit.field("name"), problem));
  }

  private static List<Held> held(List<RoleAssignment> roles, Map<String, Project> projects) {
    return roles.stream()
        .flatMap(role ->
            Optional.ofNullable(projects.get(role.projectId())).stream()
                .map(project -> new Held(project, role.role())))
        .toList();
  }

  private User user(Visit visit) throws IOException {
    visit.admin();
    return identity
        .users()
        .find(visit.path("user"))
        .orElseThrow(() -> new OperationException(Kind.NOT_FOUND, "There is no such user."));
  }

  private Row row(Visit visit) throws IOException {
    User user = user(visit);
    Map<String, Project> byId =
        identity.projects().list().stream().collect(Collectors.toMap(Project::id, each -> each));
    List<RoleAssignment> roles =
        identity.projects().assignments().stream()
            .filter(role -> role.userId().equals(user.id()))
            .toList();
    return new Row(user, held(roles, byId));
  }

  private View show(Visit visit) throws IOException {
    Row row = row(visit);
    return View.page(
        "account/user",
        new Shown(
            row, identity.projects().list(), row.user().id().equals(visit.caller().userId())));
  }

  private static String place(User user) {
    return "/users/" + user.id();
  }

  private Project project(Visit visit) throws IOException {
    return identity
        .projects()
        .find(visit.field("project"))
        .orElseThrow(() -> new OperationException(Kind.NOT_FOUND, "There is no such project."));
  }

  private View create(Visit visit) throws IOException {
    Identity by = by(visit);
    try {
      Project in = project(visit);
      Role role = Role.parse(visit.field("role"));
      String typed = visit.exactField("password");
      String password = typed.isEmpty() ? Identity.newSecret() : typed;
      User user =
          by.users()
              .create(
                  new Users.Wanted(
                      visit.field("name"), "", visit.field("email"), true, Optional.of(in.id())),
                  Optional.of(password));
      by.projects().assign(in, user, role);
      return typed.isEmpty()
          ? View.page("account/password", new Password(user, password))
          : View.redirect(place(user), "users.created", user.name());
    } catch (IOException | RuntimeException e) {
      OperationException told = OperationException.of(e);
      if (told.kind() != Kind.USAGE && told.kind() != Kind.REFUSED) {
        throw e;
      }
      return list(visit, HttpStatus.UNPROCESSABLE_CONTENT, String.valueOf(told.getMessage()));
    }
  }

  private View delete(Visit visit) throws IOException {
    User user = user(visit);
    requireOther(visit, user);
    by(visit).users().delete(user);
    return View.redirect("/users", "users.deleted", user.name());
  }

  /// Who locks themselves out cannot let themselves in.
  private static void requireOther(Visit visit, User user) {
    if (user.id().equals(visit.caller().userId())) {
      throw new OperationException(Kind.REFUSED, "This is the account that you work with.");
    }
  }

  private View enable(Visit visit) throws IOException {
    User user = user(visit);
    requireOther(visit, user);
    boolean enabled = visit.ticked("enabled");
    by(visit)
        .users()
        .change(
            user,
            new Users.Wanted(
                user.name(), user.description(), user.email(), enabled, user.defaultProjectId()));
    return View.redirect(place(user), enabled ? "users.enabled" : "users.disabled", user.name());
  }

  private View password(Visit visit) throws IOException {
    User user = user(visit);
    requireOther(visit, user);
    String made = Identity.newSecret();
    by(visit).users().setPassword(user, made);
    return View.page("account/password", new Password(user, made));
  }

  private View grant(Visit visit) throws IOException {
    User user = user(visit);
    by(visit).projects().assign(project(visit), user, Role.parse(visit.field("role")));
    return View.redirect(place(user), "users.granted", user.name());
  }

  private View revoke(Visit visit) throws IOException {
    User user = user(visit);
    Role role = Role.parse(visit.field("role"));
    if (role == Role.ADMIN) {
      requireOther(visit, user);
    }
    by(visit).projects().unassign(project(visit), user, role);
    return View.redirect(place(user), "users.revoked", user.name());
  }
}
