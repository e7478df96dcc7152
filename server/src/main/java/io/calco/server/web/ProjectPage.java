package io.calco.server.web;

import io.calco.engine.identity.Caller;
import io.calco.engine.identity.Sessions;
import io.calco.server.http.ApiException;
import io.calco.server.web.PageRoutes.Audience;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// `/project`: in which project to work.
final class ProjectPage implements Page {
  private final Sessions sessions;

  ProjectPage(Sessions sessions) {
    this.sessions = sessions;
  }

  /// What the page shows.
  ///
  /// @param projects those that the user may work in
  /// @param current the id of the one they work in; empty for none
  record Model(List<Caller.Scope> projects, String current) {
    Model {
      projects = List.copyOf(projects);
    }
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .add(HandlerType.GET, "/project", Audience.USERS, this::show)
        .add(HandlerType.POST, "/project", Audience.USERS, this::choose);
  }

  private View show(Visit visit) throws IOException {
    return View.page(
        "project",
        new Model(sessions.projects(visit.token()), visit.caller().projectId().orElse("")));
  }

  private View choose(Visit visit) throws IOException {
    Optional<String> entered = sessions.enter(visit.token(), visit.field("project"));
    if (entered.isEmpty()) {
      throw new ApiException(HttpStatus.FORBIDDEN, "You may not work in that project.");
    }
    Cookies.set(visit.request(), Cookies.SESSION, entered.get());
    String name =
        sessions.find(entered.get()).flatMap(Caller::project).map(Caller.Scope::name).orElse("");
    return View.redirect("/images", "project.entered", name);
  }
}
