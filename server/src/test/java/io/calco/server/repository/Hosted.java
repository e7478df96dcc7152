package io.calco.server.repository;

import io.calco.disk.RateLimit;
import io.calco.engine.repository.hosted.Hosting;
import io.calco.engine.repository.remote.RemotePlace;
import io.calco.engine.repository.remote.RemotePlace.Link;
import io.calco.engine.repository.remote.RemoteRepository;
import io.calco.server.Served;
import io.calco.server.ServerSettings;
import io.calco.server.http.Json;
import io.calco.server.http.ListenAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/// A server that keeps repositories, and users of two projects.
final class Hosted implements AutoCloseable {
  private static final String V3 = "/identity/v3";

  private final Path directory;
  private final Hosting.Deleting deleting;
  private final OptionalLong quota;
  private Served served;

  Hosted(Path directory, Hosting.Deleting deleting) throws IOException {
    this(directory, deleting, OptionalLong.empty());
  }

  /// @param quota of each project's repositories, in bytes
  Hosted(Path directory, Hosting.Deleting deleting, OptionalLong quota) throws IOException {
    this.directory = directory;
    this.quota = quota;
    this.deleting = deleting;
    this.served = serve(0);
    for (String project : new String[] {"lab", "other"}) {
      made("/projects", "{\"project\": {\"name\": \"%s\"}}".formatted(project), "project");
      for (String role : new String[] {"member", "reader", "admin"}) {
        String user =
            made(
                "/users",
                "{\"user\": {\"name\": \"%s-%s\", \"password\": \"pw\"}}".formatted(project, role),
                "user");
        String grant = V3 + "/projects/%s/users/%s/roles/%s".formatted(id(project), user, role);
        if (served.send("PUT", grant, admin(), "").statusCode() != 204) {
          throw new IllegalStateException(grant);
        }
      }
    }
  }

  private Served serve(int port) throws IOException {
    return new Served(
        directory.resolve("home"),
        ServerSettings.at(new ListenAddress("127.0.0.1", port))
            .withFirstPassword(Served.PASSWORD)
            .with(new Hosting(repositories(), deleting, OptionalLong.of(0), quota)));
  }

  /// Ends the server, and serves again at the same port.
  void restart() throws IOException {
    int port = port();
    stop();
    start(port);
  }

  void stop() throws IOException {
    served.close();
  }

  void start(int port) throws IOException {
    served = serve(port);
  }

  Path repositories() {
    return directory.resolve("repositories");
  }

  /// Where a project's repository lies.
  Path place(String project, String name) {
    return repositories().resolve(id(project)).resolve(name);
  }

  Served served() {
    return served;
  }

  int port() {
    return URI.create(served.address()).getPort();
  }

  private String admin() {
    return served.token("admin", Served.PASSWORD, "admin");
  }

  private String made(String path, String body, String what) {
    HttpResponse<String> answer = served.send("POST", V3 + path, admin(), body);
    return Json.parse(answer.body()).path(what).path("id").asString();
  }

  String id(String project) {
    String found = served.send("GET", V3 + "/projects?name=" + project, admin(), "").body();
    return Json.parse(found).path("projects").path(0).path("id").asString();
  }

  /// A token of `lab-member` and the like.
  String token(String user) {
    return served.token(user, "pw", user.substring(0, user.indexOf('-')));
  }

  /// A file that says who logs in, by a name and a password.
  Path credentials(String user) {
    try {
      return Files.writeString(
          directory.resolve(user + ".rc"),
          "# of the lab\nexport OS_USERNAME=%s\nexport OS_PASSWORD=\"pw\"\nOS_PROJECT_NAME='%s'\n"
              .formatted(user, user.substring(0, user.indexOf('-'))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  RemotePlace place(String name, Path credentials) {
    return new RemotePlace(
        "127.0.0.1", port(), name, Link.PLAIN, Optional.empty(), Optional.of(credentials));
  }

  /// A repository, made if it is not there.
  RemoteRepository open(String name, String user) throws IOException {
    return RemoteRepository.create(
        place(name, credentials(user)), RateLimit.of(OptionalLong.empty()));
  }

  @Override
  public void close() throws IOException {
    served.close();
  }
}
