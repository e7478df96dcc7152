package io.calco.server.web;

import io.calco.engine.identity.Caller;
import io.calco.engine.identity.Sessions;
import io.calco.server.http.ApiException;
import io.calco.server.http.Exchange;
import io.calco.server.http.Routes;
import io.calco.server.web.PageRoutes.Audience;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpStatus;
import io.javalin.websocket.WsContext;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// The web pages, below [#ROOT].
///
/// Thread rule: safe for several threads.
public final class WebPages implements Routes {
  /// What the paths of all pages begin with.
  public static final String ROOT = "/ui";

  private static final Logger LOG = System.getLogger(WebPages.class.getName());
  private static final String BRIDGE = SocketBridge.class.getName();

  /// Ours: a console that nobody looks at any more holds what others may want.
  private static final Duration SOCKET_IDLE = Duration.ofMinutes(30);

  private final Sessions sessions;
  private final List<Page> pages;
  private final List<MenuItem> menu;
  private final Answers answers = new Answers();

  /// These pages, and those that all of them need: the login, the choice of a project, language and
  /// look.
  public WebPages(Sessions sessions, List<? extends Page> pages) {
    this.sessions = sessions;
    this.pages = new ArrayList<>(pages);
    this.pages.add(new LoginPage(sessions));
    this.pages.add(new ProjectPage(sessions));
    this.pages.add(new PreferencesPage());
    this.menu = this.pages.stream().flatMap(page -> page.menu().stream()).toList();
  }

  /// How routes get to the server.
  @FunctionalInterface
  interface Adder {
    void add(HandlerType method, String path, Audience audience, PageRoutes.Handler handler);
  }

  /// How websockets do.
  @FunctionalInterface
  interface SocketAdder {
    void add(String path, PageRoutes.SocketHandler handler);
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.before("/", WebPages::leadBrowsersHere);
    routes.before(ROOT + "/*", this::guard);
    routes.get(StaticFiles.PATH + "*", StaticFiles::answer);
    PageRoutes added =
        new PageRoutes(
            (method, path, audience, handler) ->
                routes.addHttpHandler(
                    method, ROOT + path, request -> answer(request, audience, handler)),
            (path, handler) -> addSocket(routes, ROOT + path, handler));
    pages.forEach(page -> page.addTo(added));
    String start = menu.isEmpty() ? "/login" : menu.getFirst().path();
    routes.get(ROOT, request -> request.redirect(ROOT + start, HttpStatus.SEE_OTHER));
    routes.get(
        ROOT + "/*",
        request ->
            answer(
                request,
                Audience.ANYONE,
                visit -> {
                  throw new ApiException(HttpStatus.NOT_FOUND, "There is no such page.");
                }));
  }

  /// A browser asks for HTML by name; clients of the Image API never do, and get its versions.
  private static void leadBrowsersHere(Context request) {
    String accepted = request.header("Accept");
    request.header("Vary", "Accept");
    if (request.method().equals(HandlerType.GET)
        && accepted != null
        && accepted.contains("text/html")) {
      request.redirect(ROOT, HttpStatus.SEE_OTHER);
      request.skipRemainingHandlers();
    }
  }

  /// The session of a request.
  ///
  /// @param token empty when nobody is logged in
  private record Session(String token, Optional<Caller> caller) {
    static final Session NONE = new Session("", Optional.empty());
  }

  private Session session(Context request) throws IOException {
    String token = Cookies.read(request, Cookies.SESSION);
    Optional<Caller> caller = token.isEmpty() ? Optional.empty() : sessions.find(token);
    return caller.isPresent()
        ? new Session(token, caller.map(found -> found.from(request.ip())))
        : Session.NONE;
  }

  private void addSocket(RoutesConfig routes, String path, PageRoutes.SocketHandler handler) {
    routes.wsBeforeUpgrade(path, request -> upgrade(request, handler));
    routes.ws(
        path,
        socket -> {
          socket.onConnect(opened -> bridge(opened).opened(opened));
          socket.onBinaryMessage(message -> bridge(message).received(message, message.data()));
          socket.onMessage(message -> bridge(message).refused(message));
          socket.onClose(closed -> bridge(closed).closed());
          socket.onError(broken -> bridge(broken).closed());
        });
  }

  private static SocketBridge bridge(WsContext socket) {
    return Objects.requireNonNull(socket.attribute(BRIDGE));
  }

  /// Browsers send cookies with a websocket from any site, and no token: what counts is the origin.
  private void upgrade(Context request, PageRoutes.SocketHandler handler) throws IOException {
    Answers.protect(request);
    Exchange.of(request).markEndless();
    Csrf.checkOrigin(request);
    Session session = session(request);
    if (session.caller().flatMap(Caller::project).isEmpty()) {
      throw new ApiException(HttpStatus.UNAUTHORIZED, "The login has ended.");
    }
    Frame frame = frame(request, session);
    Visit visit = new Visit(request, session.caller(), session.token(), frame);
    request.attribute(
        BRIDGE,
        new SocketBridge(handler.answer(visit), () -> isLoggedIn(session.token()), SOCKET_IDLE));
  }

  private boolean isLoggedIn(String token) {
    try {
      return sessions.find(token).isPresent();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "a login could not be looked up", e);
      return false;
    }
  }

  private void guard(Context request) {
    Answers.protect(request);
    try {
      Csrf.check(request);
    } catch (RuntimeException e) {
      answers.failure(request, frame(request, Session.NONE), e);
      request.skipRemainingHandlers();
    }
  }

  private void answer(Context request, Audience audience, PageRoutes.Handler handler) {
    Session session;
    try {
      session = session(request);
    } catch (IOException | RuntimeException e) {
      answers.failure(request, frame(request, Session.NONE), e);
      return;
    }
    Frame frame = frame(request, session);
    try {
      Visit visit = new Visit(request, session.caller(), session.token(), frame);
      answers.give(request, frame, view(visit, audience, handler));
    } catch (IOException | RuntimeException e) {
      answers.failure(request, frame, e);
    }
  }

  private static View view(Visit visit, Audience audience, PageRoutes.Handler handler)
      throws IOException {
    if (audience != Audience.ANYONE && visit.token().isEmpty()) {
      return toLogin(visit.request());
    }
    boolean placed = visit.frame().caller().flatMap(Caller::project).isPresent();
    return audience == Audience.MEMBERS && !placed
        ? View.redirect("/project")
        : handler.answer(visit);
  }

  /// A script is told that the login has ended; a browser is led to it, and back to where it was.
  private static View toLogin(Context request) {
    boolean shown = request.method().equals(HandlerType.GET);
    if (!shown && !isForm(request) || request.header("HX-Request") != null) {
      throw new ApiException(HttpStatus.UNAUTHORIZED, "The login has ended.");
    }
    String query = request.queryString() == null ? "" : "?" + request.queryString();
    String here = request.path().substring(ROOT.length()) + query;
    return View.redirect(
        shown ? "/login?next=" + URLEncoder.encode(here, StandardCharsets.UTF_8) : "/login");
  }

  private static boolean isForm(Context request) {
    String type = request.contentType();
    return type != null
        && (type.startsWith("application/x-www-form-urlencoded")
            || type.startsWith("multipart/form-data"));
  }

  private Frame frame(Context request, Session session) {
    Optional<Caller> caller = session.caller();
    Language language =
        Language.of(Cookies.read(request, Cookies.LANGUAGE))
            .orElseGet(() ->
                Language.accepted(
                    Optional.ofNullable(request.header("Accept-Language")).orElse("")));
    Text text = new Text(language);
    return new Frame(
        text,
        Theme.of(Cookies.read(request, Cookies.THEME)),
        caller,
        Csrf.token(request, session.token()),
        request.path().substring(Math.min(ROOT.length(), request.path().length())),
        caller.isPresent()
            ? menu.stream().filter(item -> item.shown().test(caller.get())).toList()
            : List.of(),
        Notices.read(request, text));
  }
}
