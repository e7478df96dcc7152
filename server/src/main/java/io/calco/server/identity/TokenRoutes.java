package io.calco.server.identity;

import io.calco.catalog.Project;
import io.calco.engine.identity.Caller;
import io.calco.engine.identity.Identity;
import io.calco.engine.identity.Login;
import io.calco.engine.identity.Login.Named;
import io.calco.engine.identity.Login.Scope;
import io.calco.engine.identity.LoginResult;
import io.calco.engine.identity.TokenFacts;
import io.calco.server.http.ApiException;
import io.calco.server.http.Json;
import io.calco.server.http.Routes;
import io.calco.server.identity.Views.ProjectView;
import io.calco.server.identity.Views.TokenView;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Tokens given, told and taken back, and what their bearer can reach: `/auth/…`.
final class TokenRoutes implements Routes {
  private static final String TOKENS = IdentityRoutes.V3 + "/auth/tokens";
  private static final String SUBJECT = "X-Subject-Token";

  private final Identity identity;
  private final Access access;
  private final ServiceCatalog services;

  TokenRoutes(Identity identity, Access access, ServiceCatalog services) {
    this.services = services;
    this.identity = identity;
    this.access = access;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.post(TOKENS, this::give);
    routes.get(TOKENS, request -> Json.answer(request, HttpStatus.OK, told(request)));
    routes.head(
        TOKENS,
        request -> {
          told(request);
          request.status(HttpStatus.OK);
        });
    routes.delete(TOKENS, this::revoke);
    routes.get(IdentityRoutes.V3 + "/auth/projects", this::projects);
    routes.get(IdentityRoutes.V3 + "/auth/domains", this::domains);
    routes.get(IdentityRoutes.V3 + "/auth/catalog", this::catalog);
  }

  private void give(Context request) throws IOException {
    LoginResult result = identity.tokens().login(login(Fields.of(request, "auth")), request.ip());
    switch (result) {
      case LoginResult.Granted(String token, TokenFacts facts) -> {
        request.header(SUBJECT, token).header("Vary", "X-Auth-Token");
        Json.answer(request, HttpStatus.CREATED, view(request, facts));
      }
      case LoginResult.Refused refused -> throw unauthorized();
      case LoginResult.TooMany tooMany -> {
        long seconds = Math.max(1, tooMany.retryAfter().plusMillis(999).toSeconds());
        throw new ApiException(
            HttpStatus.TOO_MANY_REQUESTS,
            "There were too many failed logins; try again in %d seconds.".formatted(seconds),
            Map.of("Retry-After", String.valueOf(seconds)));
      }
    }
  }

  private static ApiException unauthorized() {
    return new ApiException(
        HttpStatus.UNAUTHORIZED, "The request you have made requires authentication.");
  }

  private static Login login(Fields auth) {
    Fields proof = auth.object("identity");
    List<String> methods = proof.texts("methods");
    if (methods.size() != 1) {
      throw unauthorized();
    }
    return switch (methods.getFirst()) {
      case "password" -> {
        Fields user = proof.object("password").object("user");
        yield new Login.ByPassword(named(user), user.text("password"), scope(auth));
      }
      case "token" -> new Login.ByToken(proof.object("token").text("id"), scope(auth));
      case "application_credential" -> {
        if (auth.has("scope")) {
          throw new ApiException(
              HttpStatus.UNAUTHORIZED, "Application credentials cannot request a scope.");
        }
        yield byCredential(proof.object("application_credential"));
      }
      default -> throw unauthorized();
    };
  }

  private static Login byCredential(Fields credential) {
    String secret = credential.text("secret");
    Optional<String> id = credential.findText("id");
    return id.isPresent()
        ? new Login.ByCredential(new Named.Id(id.get()), Optional.empty(), secret)
        : new Login.ByCredential(
            new Named.Name(credential.text("name")),
            Optional.of(named(credential.object("user"))),
            secret);
  }

  /// A user or project: by its id, or by its name and domain.
  private static Named named(Fields thing) {
    Optional<String> id = thing.findText("id");
    if (id.isPresent()) {
      return new Named.Id(id.get());
    }
    String name = thing.text("name");
    if (!Domain.isMeant(thing.object("domain"))) {
      throw unauthorized();
    }
    return new Named.Name(name);
  }

  private static Scope scope(Fields auth) {
    if (!auth.has("scope")) {
      return Scope.UNSTATED;
    }
    if (auth.isText("scope", "unscoped")) {
      return Scope.NONE;
    }
    Fields scope = auth.object("scope");
    if (scope.has("unscoped")) {
      return Scope.NONE;
    }
    Optional<Fields> project = scope.findObject("project");
    if (project.isEmpty()) {
      throw new ApiException(
          HttpStatus.UNAUTHORIZED, "A token's scope can be a project, and nothing else.");
    }
    return new Scope.In(named(project.get()));
  }

  private Map<String, TokenView> view(Context request, TokenFacts token) {
    return Map.of(
        "token",
        TokenView.of(
            token,
            request.queryParamMap().containsKey("nocatalog")
                ? Optional.empty()
                : Optional.of(services.of(request))));
  }

  /// The token that a request asks about: its own user's, or anyone's for an administrator or
  /// another service.
  private TokenFacts subject(Context request) throws IOException {
    Caller caller = access.anyone(request);
    String token = token(request);
    TokenFacts facts = identity.tokens().facts(token).orElseThrow(TokenRoutes::notFound);
    if (!facts.user().id().equals(caller.userId()) && !caller.isAdmin()) {
      throw Access.forbidden();
    }
    return facts;
  }

  /// The token itself is not told: answers are logged.
  private static ApiException notFound() {
    return new ApiException(HttpStatus.NOT_FOUND, "Failed to validate token.");
  }

  private static String token(Context request) {
    String token = request.header(SUBJECT);
    if (token == null) {
      throw new ApiException(HttpStatus.BAD_REQUEST, SUBJECT + " is missing.");
    }
    return token;
  }

  private Map<String, TokenView> told(Context request) throws IOException {
    TokenFacts facts = subject(request);
    request.header(SUBJECT, token(request)).header("Vary", "X-Auth-Token");
    return view(request, facts);
  }

  private void revoke(Context request) throws IOException {
    subject(request);
    identity.tokens().revoke(token(request));
    request.status(HttpStatus.NO_CONTENT);
  }

  private void projects(Context request) throws IOException {
    TokenFacts token = access.token(request);
    String base = ServiceCatalog.v3(request);
    List<ProjectView> projects =
        identity.projects().of(token.user()).stream()
            .filter(Project::enabled)
            .map(project -> ProjectView.of(project, base))
            .toList();
    Lists.answer(request, "projects", projects);
  }

  /// Those to which a token could be scoped: none.
  private void domains(Context request) throws IOException {
    access.anyone(request);
    Lists.answer(request, "domains", List.of());
  }

  private void catalog(Context request) throws IOException {
    access.anyone(request);
    Lists.answer(request, "catalog", services.of(request));
  }
}
