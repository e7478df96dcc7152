package io.calco.server.web;

import io.javalin.http.HandlerType;
import java.io.IOException;
import java.nio.channels.ByteChannel;

/// Where a page says what it answers. Paths are below [WebPages#ROOT]: `/images/{image}`.
public final class PageRoutes {
  private final WebPages.Adder adder;
  private final WebPages.SocketAdder sockets;

  PageRoutes(WebPages.Adder adder, WebPages.SocketAdder sockets) {
    this.adder = adder;
    this.sockets = sockets;
  }

  /// Answers a request of somebody who is logged in.
  @FunctionalInterface
  public interface Handler {
    /// What is to be shown. Failures are told as everywhere: throw them.
    View answer(Visit visit) throws IOException;
  }

  /// Answers somebody who is logged in and wants a websocket.
  @FunctionalInterface
  public interface SocketHandler {
    /// What opens the channel whose bytes it carries; called when the websocket is there. To refuse
    /// it before, throw.
    Opening answer(Visit visit) throws IOException;
  }

  /// Opens a channel.
  @FunctionalInterface
  public interface Opening {
    /// A channel that is closed with its websocket. A failure is told to the browser.
    ByteChannel open() throws IOException;
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

  /// Takes a websocket from a page of this server's. It ends with the login, and when the browser
  /// has sent nothing for half an hour.
  public PageRoutes socket(String path, SocketHandler handler) {
    sockets.add(path, handler);
    return this;
  }

  PageRoutes add(HandlerType method, String path, Audience audience, Handler handler) {
    adder.add(method, path, audience, handler);
    return this;
  }
}
