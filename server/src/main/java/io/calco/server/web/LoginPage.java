package io.calco.server.web;

import io.calco.engine.identity.Caller;
import io.calco.engine.identity.Sessions;
import io.calco.engine.identity.Sessions.Start;
import io.calco.server.web.PageRoutes.Audience;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.Optional;

/// `/login` and `/logout`.
final class LoginPage implements Page {
  private static final String START = "/images";

  private final Sessions sessions;

  LoginPage(Sessions sessions) {
    this.sessions = sessions;
  }

  /// What the page shows.
  ///
  /// @param name as it was typed
  /// @param next where to go then
  /// @param domain the usual one; empty where there are none to choose from
  /// @param problem what was wrong; empty for nothing
  record Model(String name, String next, Optional<String> domain, String problem) {}

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .add(HandlerType.GET, "/login", Audience.ANYONE, this::show)
        .add(HandlerType.POST, "/login", Audience.ANYONE, this::login)
        .add(HandlerType.POST, "/logout", Audience.ANYONE, this::logout);
  }

  private View show(Visit visit) {
    return visit.token().isEmpty()
        ? form(HttpStatus.OK, "", visit.query("next"), "")
        : View.redirect(Paths.inside(visit.query("next"), START));
  }

  private View form(HttpStatus status, String name, String next, String problem) {
    return new View.Html(status, "login", new Model(name, next, sessions.usualDomain(), problem));
  }

  private View login(Visit visit) throws IOException {
    String name = visit.field("name");
    Sessions.Typed typed =
        new Sessions.Typed(name, visit.exactField("password"), visit.field("domain"));
    return switch (sessions.begin(typed, visit.request().ip())) {
      case Start.Begun(String token) -> {
        endOld(visit);
        Cookies.set(visit.request(), Cookies.SESSION, token);
        Cookies.remove(visit.request(), Cookies.VISITOR);
        boolean placed = sessions.find(token).flatMap(Caller::project).isPresent();
        yield View.redirect(placed ? Paths.inside(visit.field("next"), START) : "/project");
      }
      case Start.Refused _ ->
          form(
              HttpStatus.UNAUTHORIZED, name, visit.field("next"), visit.text().of("login.refused"));
      case Start.TooMany(var retryAfter) -> {
        long seconds = Math.max(1, retryAfter.plusMillis(999).toSeconds());
        visit.request().header("Retry-After", String.valueOf(seconds));
        yield form(
            HttpStatus.TOO_MANY_REQUESTS,
            name,
            visit.field("next"),
            visit.text().count("login.wait", seconds));
      }
    };
  }

  private void endOld(Visit visit) throws IOException {
    if (!visit.token().isEmpty()) {
      sessions.end(visit.token());
    }
  }

  private View logout(Visit visit) throws IOException {
    endOld(visit);
    Cookies.remove(visit.request(), Cookies.SESSION);
    return View.redirect("/login", "login.ended");
  }
}
