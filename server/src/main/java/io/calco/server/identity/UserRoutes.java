package io.calco.server.identity;

import io.calco.catalog.User;
import io.calco.engine.identity.Caller;
import io.calco.engine.identity.Identity;
import io.calco.engine.identity.Login;
import io.calco.engine.identity.LoginResult;
import io.calco.engine.identity.Users;
import io.calco.server.http.ApiException;
import io.calco.server.http.Json;
import io.calco.server.http.Routes;
import io.calco.server.identity.Views.ProjectView;
import io.calco.server.identity.Views.UserView;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/// `/users`.
final class UserRoutes implements Routes {
  private static final String USERS = IdentityRoutes.V3 + "/users";
  private static final String USER = USERS + "/{user}";

  private final Identity identity;
  private final Access access;

  UserRoutes(Identity identity, Access access) {
    this.identity = identity;
    this.access = access;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.get(USERS, this::list).post(USERS, this::create);
    routes.get(USER, this::show).patch(USER, this::change).delete(USER, this::delete);
    routes.post(USER + "/password", this::setPassword);
    routes.get(USER + "/projects", this::projects);
  }

  private void list(Context request) throws IOException {
    access.admin(request);
    String base = ServiceCatalog.v3(request);
    Lists.answer(
        request,
        "users",
        identity.users().list().stream()
            .filter(user -> Lists.asked(request, "name", user.name()))
            .filter(user -> Lists.asked(request, "enabled", user.enabled()))
            .filter(user -> Lists.asked(request, "domain_id", Domain.ID))
            .map(user -> UserView.of(user, base))
            .toList());
  }

  private User user(Context request) throws IOException {
    String id = request.pathParam("user");
    return identity.users().find(id).orElseThrow(() -> Access.notFound("user", id));
  }

  private static void answer(Context request, HttpStatus status, User user) {
    Json.answer(request, status, Map.of("user", UserView.of(user, ServiceCatalog.v3(request))));
  }

  private void show(Context request) throws IOException {
    access.userOrAdmin(request, request.pathParam("user"));
    answer(request, HttpStatus.OK, user(request));
  }

  private void create(Context request) throws IOException {
    Identity by = identity.as(access.admin(request).actor());
    Fields fields = Fields.of(request, "user");
    User user =
        by.users()
            .create(
                wanted(fields, Users.Wanted.named(fields.text("name"))),
                fields.findText("password"));
    answer(request, HttpStatus.CREATED, user);
  }

  /// What a request says of a user; all else as it was.
  private static Users.Wanted wanted(Fields fields, Users.Wanted before) {
    fields.requireDefaultDomain("domain_id");
    fields.refuse("options");
    return new Users.Wanted(
        fields.findText("name").orElse(before.name()),
        fields.findText("description").orElse(before.description()),
        fields.findText("email").orElse(before.email()),
        fields.flag("enabled", before.enabled()),
        fields.object().has("default_project_id")
            ? fields.findText("default_project_id")
            : before.defaultProjectId());
  }

  private void change(Context request) throws IOException {
    Identity by = identity.as(access.admin(request).actor());
    User user = user(request);
    Fields fields = Fields.of(request, "user");
    Optional<String> password = fields.findText("password");
    User changed = by.users().change(user, wanted(fields, Users.Wanted.as(user)));
    if (password.isPresent()) {
      by.users().setPassword(changed, password.get());
    }
    answer(request, HttpStatus.OK, changed);
  }

  private void delete(Context request) throws IOException {
    Identity by = identity.as(access.admin(request).actor());
    by.users().delete(user(request));
    request.status(HttpStatus.NO_CONTENT);
  }

  /// A user's own change; the old password is the proof.
  private void setPassword(Context request) throws IOException {
    Fields fields = Fields.of(request, "user");
    String fresh = fields.text("password");
    Login login =
        new Login.ByPassword(
            new Login.Named.Id(request.pathParam("user")),
            fields.text("original_password"),
            Login.Scope.NONE);
    if (!(identity.tokens().login(login, request.ip()) instanceof LoginResult.Granted granted)) {
      throw new ApiException(
          HttpStatus.UNAUTHORIZED, "The request you have made requires authentication.");
    }
    Caller self = granted.facts().caller().from(request.ip());
    identity.as(self.actor()).users().setPassword(granted.facts().user(), fresh);
    request.status(HttpStatus.NO_CONTENT);
  }

  private void projects(Context request) throws IOException {
    access.userOrAdmin(request, request.pathParam("user"));
    String base = ServiceCatalog.v3(request);
    Lists.answer(
        request,
        "projects",
        identity.projects().of(user(request)).stream()
            .map(project -> ProjectView.of(project, base))
            .toList());
  }
}
