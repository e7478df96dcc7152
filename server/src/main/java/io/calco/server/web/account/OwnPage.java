package io.calco.server.web.account;

import io.calco.catalog.ApplicationCredential;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Credentials;
import io.calco.engine.identity.Identity;
import io.calco.engine.identity.Login;
import io.calco.engine.identity.LoginResult;
import io.calco.engine.identity.TokenFacts;
import io.calco.server.http.Addresses;
import io.calco.server.http.ApiException;
import io.calco.server.web.MenuItem;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// `/account`: one's own password and application credentials.
public final class OwnPage implements Page {
  private final Identity identity;

  /// Accounts of this identity.
  public OwnPage(Identity identity) {
    this.identity = identity;
  }

  /// What the page shows.
  ///
  /// @param facts who is logged in
  /// @param credentials theirs
  /// @param problem why a change was not made; empty for nothing
  record Own(TokenFacts facts, List<ApplicationCredential> credentials, String problem) {
    Own {
      credentials = List.copyOf(credentials);
    }

    String project(ApplicationCredential credential) {
      return facts.project().filter(in -> in.id().equals(credential.projectId())).isPresent()
          ? facts.project().get().name()
          : credential.projectId();
    }

    List<String> roles() {
      return List.of("admin", "member", "reader").stream().filter(facts.roles()::contains).toList();
    }
  }

  /// A credential that was made, shown once.
  ///
  /// @param address where clients find the identity
  record Made(Credentials.Made made, String address) {}

  @Override
  public List<MenuItem> menu() {
    return List.of(MenuItem.own("/account", "account.title"));
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get("/account", visit -> own(visit, HttpStatus.OK, ""))
        .post("/account/password", this::setPassword)
        .post("/account/credentials", this::create)
        .post("/account/credentials/{credential}/delete", this::delete);
  }

  private TokenFacts facts(Visit visit) throws IOException {
    return identity
        .tokens()
        .facts(visit.token())
        .orElseThrow(() -> new ApiException(HttpStatus.UNAUTHORIZED, "The login has ended."));
  }

  private View own(Visit visit, HttpStatus status, String problem) throws IOException {
    TokenFacts facts = facts(visit);
    return new View.Html(
        status,
        "account/own",
        new Own(facts, identity.credentials().of(facts.user().id()), problem));
  }

  /// The old password is the proof; every session ends, this one too.
  private View setPassword(Visit visit) throws IOException {
    TokenFacts facts = facts(visit);
    String fresh = visit.exactField("new");
    if (!fresh.equals(visit.exactField("again"))) {
      return own(visit, HttpStatus.UNPROCESSABLE_CONTENT, visit.text().of("account.different"));
    }
    Login login =
        new Login.ByPassword(
            new Login.Named.Id(facts.user().id()), visit.exactField("old"), Login.Scope.NONE);
    if (!(identity.tokens().login(login, visit.caller().address())
        instanceof LoginResult.Granted)) {
      return own(visit, HttpStatus.UNPROCESSABLE_CONTENT, visit.text().of("account.wrong"));
    }
    try {
      identity.as(visit.caller().actor()).users().setPassword(facts.user(), fresh);
    } catch (OperationException e) {
      return own(visit, HttpStatus.UNPROCESSABLE_CONTENT, String.valueOf(e.getMessage()));
    }
    return View.redirect("/login", "account.changed");
  }

  private View create(Visit visit) throws IOException {
    TokenFacts facts = facts(visit);
    String role = visit.field("role");
    try {
      Credentials.Made made =
          identity
              .as(visit.caller().actor())
              .credentials()
              .create(
                  facts,
                  new Credentials.Wanted(
                      visit.field("name"),
                      visit.field("description"),
                      role.isEmpty() ? Set.of() : Set.of(role),
                      false,
                      end(visit.field("expires")),
                      Optional.empty()));
      return View.page(
          "account/made",
          new Made(made, Addresses.base(visit.request()) + Addresses.IDENTITY + "/v3"));
    } catch (OperationException e) {
      return own(visit, HttpStatus.UNPROCESSABLE_CONTENT, String.valueOf(e.getMessage()));
    }
  }

  /// The end of a day.
  private static Optional<Instant> end(String day) {
    try {
      return day.isEmpty()
          ? Optional.empty()
          : Optional.of(LocalDate.parse(day).plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant());
    } catch (DateTimeParseException e) {
      throw new OperationException(Kind.USAGE, day + " is no day");
    }
  }

  private View delete(Visit visit) throws IOException {
    TokenFacts facts = facts(visit);
    ApplicationCredential credential =
        identity
            .credentials()
            .find(visit.path("credential"))
            .filter(found -> found.userId().equals(facts.user().id()))
            .orElseThrow(
                () -> new OperationException(Kind.NOT_FOUND, "There is no such credential."));
    identity.as(visit.caller().actor()).credentials().delete(credential);
    return View.redirect("/account", "account.credential.deleted", credential.name());
  }
}
