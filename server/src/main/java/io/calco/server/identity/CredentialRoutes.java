package io.calco.server.identity;

import io.calco.catalog.ApplicationCredential;
import io.calco.engine.identity.Caller;
import io.calco.engine.identity.Credentials;
import io.calco.engine.identity.Identity;
import io.calco.engine.identity.TokenFacts;
import io.calco.server.http.ApiException;
import io.calco.server.http.Json;
import io.calco.server.http.Routes;
import io.calco.server.identity.Views.CredentialView;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// `/users/{user}/application_credentials`.
final class CredentialRoutes implements Routes {
  private static final String CREDENTIALS =
      IdentityRoutes.V3 + "/users/{user}/application_credentials";
  private static final String CREDENTIAL = CREDENTIALS + "/{credential}";

  private final Identity identity;
  private final Access access;

  CredentialRoutes(Identity identity, Access access) {
    this.identity = identity;
    this.access = access;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.get(CREDENTIALS, this::list).post(CREDENTIALS, this::create);
    routes.get(CREDENTIAL, this::show).delete(CREDENTIAL, this::delete);
  }

  private void list(Context request) throws IOException {
    String user = request.pathParam("user");
    access.userOrAdmin(request, user);
    String base = ServiceCatalog.v3(request);
    Lists.answer(
        request,
        "application_credentials",
        identity.credentials().of(user).stream()
            .filter(credential -> Lists.asked(request, "name", credential.name()))
            .map(credential -> CredentialView.of(credential, Optional.empty(), base))
            .toList());
  }

  private ApplicationCredential credential(Context request) throws IOException {
    String id = request.pathParam("credential");
    return identity
        .credentials()
        .find(id)
        .filter(found -> found.userId().equals(request.pathParam("user")))
        .orElseThrow(() -> Access.notFound("application credential", id));
  }

  private void answer(
      Context request,
      HttpStatus status,
      ApplicationCredential credential,
      Optional<String> secret) {
    Json.answer(
        request,
        status,
        Map.of(
            "application_credential",
            CredentialView.of(credential, secret, ServiceCatalog.v3(request))));
  }

  private void show(Context request) throws IOException {
    access.userOrAdmin(request, request.pathParam("user"));
    answer(request, HttpStatus.OK, credential(request), Optional.empty());
  }

  /// A token that was got with a credential does not get at others, unless it was made so.
  private TokenFacts unrestricted(Context request) throws IOException {
    TokenFacts token = access.token(request);
    if (token.credential().filter(credential -> !credential.unrestricted()).isPresent()) {
      throw Access.forbidden();
    }
    return token;
  }

  private void create(Context request) throws IOException {
    TokenFacts token = unrestricted(request);
    if (!token.user().id().equals(request.pathParam("user"))) {
      throw Access.forbidden(); // it would be in another's name
    }
    Fields fields = Fields.of(request, "application_credential");
    fields.refuse("access_rules");
    Set<String> roles =
        fields.objects("roles").stream()
            .map(role -> role.findText("id").orElseGet(() -> role.text("name")))
            .collect(Collectors.toSet());
    Credentials.Made made =
        identity
            .as(access.anyone(request).actor())
            .credentials()
            .create(
                token,
                new Credentials.Wanted(
                    fields.text("name"),
                    fields.findText("description").orElse(""),
                    roles,
                    fields.flag("unrestricted", false),
                    fields.findText("expires_at").map(CredentialRoutes::moment),
                    fields.findText("secret")));
    answer(request, HttpStatus.CREATED, made.credential(), Optional.of(made.secret()));
  }

  /// In UTC, with or without saying so.
  private static Instant moment(String text) {
    try {
      return LocalDateTime.parse(text.endsWith("Z") ? text.substring(0, text.length() - 1) : text)
          .toInstant(ZoneOffset.UTC);
    } catch (DateTimeParseException e) {
      throw new ApiException(HttpStatus.BAD_REQUEST, "'expires_at' is not a moment.");
    }
  }

  private void delete(Context request) throws IOException {
    Caller caller = access.userOrAdmin(request, request.pathParam("user"));
    unrestricted(request);
    identity.as(caller.actor()).credentials().delete(credential(request));
    request.status(HttpStatus.NO_CONTENT);
  }
}
