package io.calco.server.web;

import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.SameSite;

/// The cookies of the pages. They are sent to the pages alone, not to the interfaces beside them,
/// and no script can read them.
final class Cookies {
  /// The token of who is logged in.
  static final String SESSION = "calco-session";

  /// A random text of a browser in which nobody is logged in.
  static final String VISITOR = "calco-visitor";

  /// The language chosen.
  static final String LANGUAGE = "calco-language";

  /// The look chosen.
  static final String THEME = "calco-theme";

  /// What the next page is to say.
  static final String NOTICE = "calco-notice";

  private static final int YEAR_SECONDS = 365 * 24 * 3600;

  /// Kept until the browser is closed.
  private static final int SESSION_AGE = -1;

  private Cookies() {}

  /// Its value; empty when the browser has none.
  static String read(Context request, String name) {
    String value = request.cookie(name);
    return value == null ? "" : value;
  }

  /// Kept until the browser is closed.
  static void set(Context request, String name, String value) {
    write(request, name, value, SESSION_AGE);
  }

  /// Kept for a year.
  static void keep(Context request, String name, String value) {
    write(request, name, value, YEAR_SECONDS);
  }

  static void remove(Context request, String name) {
    write(request, name, "", 0);
  }

  private static void write(Context request, String name, String value, int age) {
    Cookie cookie = new Cookie(name, value);
    cookie.setPath(WebPages.ROOT);
    cookie.setMaxAge(age);
    cookie.setHttpOnly(true);
    cookie.setSecure(request.req().isSecure());
    cookie.setSameSite(SameSite.LAX);
    request.cookie(cookie);
  }
}
