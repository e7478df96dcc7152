package io.calco.server;

import io.calco.engine.Calco;
import io.calco.engine.Home;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Actor;
import io.calco.engine.audit.Deed;
import io.calco.engine.audit.Target;
import io.calco.engine.identity.Caller;
import io.calco.engine.identity.EmbeddedSessions;
import io.calco.engine.identity.Identity;
import io.calco.engine.identity.Keystone;
import io.calco.engine.identity.KeystoneSessions;
import io.calco.engine.identity.Sessions;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.Metadefs;
import io.calco.engine.repository.hosted.HostedRepositories;
import io.calco.server.http.Authentication;
import io.calco.server.http.Routes;
import io.calco.server.identity.IdentityRoutes;
import io.calco.server.image.ImageApi;
import io.calco.server.repository.RepositoryRoutes;
import io.calco.server.web.Page;
import io.calco.server.web.WebPages;
import io.calco.server.web.image.CataloguePage;
import io.calco.server.web.image.IdentityProjects;
import io.calco.server.web.image.ImageActions;
import io.calco.server.web.image.ImagePage;
import io.calco.server.web.image.NewImagePage;
import io.calco.server.web.image.ProjectNames;
import io.calco.server.web.image.TusPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// A home that is served.
///
/// Thread rule: safe for several threads.
public final class CalcoServer implements AutoCloseable {
  private final HomeLock lock;
  private final Calco calco;
  private final ServedImages images;
  private final ServedWork work;
  private final Listening listening;
  private final Optional<String> firstPassword;

  private CalcoServer(
      HomeLock lock,
      Calco calco,
      ServedImages images,
      ServedWork work,
      Listening listening,
      Optional<String> firstPassword) {
    this.work = work;
    this.lock = lock;
    this.calco = calco;
    this.images = images;
    this.listening = listening;
    this.firstPassword = firstPassword;
  }

  /// Opens a home, made if it is not there, and begins to listen.
  ///
  /// @throws io.calco.engine.OperationException of kind REFUSED when another server serves the
  ///   home, or the port is taken
  public static CalcoServer open(Home home, ServerSettings settings) throws IOException {
    Calco calco = Calco.open(home);
    try {
      HomeLock lock = HomeLock.take(home);
      try {
        return start(lock, calco, settings);
      } catch (IOException | RuntimeException e) {
        try (lock) {
          throw e;
        }
      }
    } catch (IOException | RuntimeException e) {
      try (calco) {
        throw e;
      }
    }
  }

  private static CalcoServer start(HomeLock lock, Calco calco, ServerSettings settings)
      throws IOException {
    Identity identity = new Identity(calco.catalog()).as(Actor.server());
    List<Routes> routes = new ArrayList<>();
    Authentication authentication;
    Sessions sessions;
    if (settings.keystone().isPresent()) {
      Keystone keystone = new Keystone(settings.keystone().get());
      String address = settings.keystone().get().address().toString();
      authentication = new Authentication(keystone, Optional.of(address));
      sessions = new KeystoneSessions(keystone);
    } else {
      authentication = new Authentication(identity.tokens(), Optional.empty());
      sessions = new EmbeddedSessions(identity);
      routes.add(new IdentityRoutes(identity, authentication, settings.services()));
    }
    Optional<HostedRepositories> hosted = Optional.empty();
    if (settings.hosting().isPresent()) {
      hosted = Optional.of(HostedRepositories.open(settings.hosting().get(), calco.audit()));
    }
    routes.add(new RepositoryRoutes(hosted, authentication));
    ServedImages images = ServedImages.open(calco, settings);
    try {
      routes.add(
          new ImageApi(images.service(), new Metadefs(calco.catalog().metadefs()), authentication));
      // Holds nothing until somebody asks for something.
      ServedWork work = ServedWork.open(calco, images.service(), settings);
      List<Page> pages =
          new ArrayList<>(pages(images, projectNames(settings, identity), work.host()::allows));
      pages.addAll(
          work.pages(settings.keystone().isPresent() ? Optional.empty() : Optional.of(identity)));
      routes.add(new WebPages(sessions, pages));
      Listening listening = Listening.start(calco, settings, images.contents()::hasRoom, routes);
      try {
        // Only now: its password is shown once, by a server that listens.
        Optional<String> password =
            settings.keystone().isPresent()
                ? Optional.empty()
                : identity.makeAdministrator(settings.firstPassword());
        CalcoServer server = new CalcoServer(lock, calco, images, work, listening, password);
        lock.tell(server.address());
        calco
            .audit()
            .done(new Deed(Actor.server(), Action.SERVER_START, Target.named(server.address())));
        work.begin();
        return server;
      } catch (IOException | RuntimeException e) {
        try (listening) {
          throw e;
        }
      }
    } catch (IOException | RuntimeException e) {
      try (images) {
        throw e;
      }
    }
  }

  /// The web pages of images.
  private static List<Page> pages(
      ServedImages images, ProjectNames projects, Predicate<Caller> hosts) {
    ImageService service = images.service();
    return List.of(
        new CataloguePage(service),
        new NewImagePage(service, images.uploads()),
        new TusPage(images.uploads(), service.images()),
        new ImagePage(service, images.uploads(), projects, hosts),
        new ImageActions(service, projects));
  }

  private static ProjectNames projectNames(ServerSettings settings, Identity identity) {
    return settings.keystone().isPresent()
        ? ProjectNames.UNKNOWN
        : new IdentityProjects(identity.projects());
  }

  /// Where it answers: `http://127.0.0.1:9292`.
  public String address() {
    return listening.address();
  }

  /// The SHA-256 of the certificate that was made for a first try, as browsers show it; empty with
  /// any other, and without one.
  public Optional<String> fingerprint() {
    return listening.fingerprint();
  }

  /// Whether it can answer at all: what a service manager asks before it starts it anew.
  public boolean isAlive() {
    return listening.isAlive();
  }

  /// What is answered: methods and paths.
  List<String> routes() {
    return listening.routes();
  }

  /// The password of the administrator that this start made; empty when there was one already.
  public Optional<String> firstPassword() {
    return firstPassword;
  }

  /// Writes the first password to a file that its owner alone reads, for a server whose output is
  /// kept in a log.
  ///
  /// @return the file; empty when this start made no administrator
  public Optional<Path> keepFirstPassword() throws IOException {
    if (firstPassword.isEmpty()) {
      return Optional.empty();
    }
    Path file = calco.home().directory().resolve("first-password");
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, firstPassword.get() + "\n");
    return Optional.of(file);
  }

  /// Takes no more requests, waits for those that run, and closes the home.
  @Override
  public void close() throws IOException {
    try (calco;
        lock;
        images;
        work) {
      listening.close();
      calco.audit().done(new Deed(Actor.server(), Action.SERVER_STOP, Target.named(address())));
    }
  }
}
