package io.calco.server.web;

import io.javalin.http.HandlerType;
import java.io.IOException;

/// Where a page says what it answers. Paths are below [WebPages#ROOT]: `/images/{image}`.
public final class PageRoutes {
  private final WebPages.Adder adder;

  PageRoutes(WebPages.Adder adder) {
    this.adder = adder;
  }

  /// Answers a request of somebody who is logged in.
  @FunctionalInterface
  public interface Handler {
    /// What is to be shown. Failures are told as everywhere: throw them.
    View answer(Visit visit) throws IOException;
  }

  /// Whom a route is for.
  enum Audience {
    /// Everybody.
    ANYONE,
    /// Who is logged in, in a project or not yet.
    USERS,
    /// Who is logged in, in a project.
    MEMBERS
  }

  /// Shows something; changes nothing.
  public PageRoutes get(String path, Handler handler) {
    return add(HandlerType.GET, path, Audience.MEMBERS, handler);
  }

  /// Does what a form or a script asks for. Its CSRF token was checked before.
  public PageRoutes post(String path, Handler handler) {
    return add(HandlerType.POST, path, Audience.MEMBERS, handler);
  }

  /// Does what a script asks for by another method. Its CSRF token was checked before, unless the
  /// method is one that changes nothing.
  public PageRoutes other(HandlerType method, String path, Handler handler) {
    return add(method, path, Audience.MEMBERS, handler);
  }

  PageRoutes add(HandlerType method, String path, Audience audience, Handler handler) {
    adder.add(method, path, audience, handler);
    return this;
  }
}
