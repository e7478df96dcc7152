package io.calco.server.web;

import io.calco.server.web.PageRoutes.Audience;
import io.javalin.http.HandlerType;

/// `/preferences`: the language and the look, kept in cookies of the browser.
final class PreferencesPage implements Page {
  @Override
  public void addTo(PageRoutes routes) {
    routes.add(HandlerType.POST, "/preferences", Audience.ANYONE, this::change);
  }

  private View change(Visit visit) {
    Language.of(visit.field("language"))
        .ifPresent(chosen -> Cookies.keep(visit.request(), Cookies.LANGUAGE, chosen.tag()));
    if (!visit.field("theme").isEmpty()) {
      Cookies.keep(visit.request(), Cookies.THEME, Theme.of(visit.field("theme")).text());
    }
    return View.redirect(Paths.inside(visit.field("here"), "/login"));
  }
}
