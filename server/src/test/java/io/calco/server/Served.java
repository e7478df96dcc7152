package io.calco.server;

import io.calco.engine.Home;
import io.calco.server.http.Json;
import io.calco.server.http.ListenAddress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;

/// A home that is served at any free port, and a client of it.
public final class Served implements AutoCloseable {
  /// The administrator's.
  public static final String PASSWORD = "contraseña de prueba";

  private final CalcoServer server;
  private final HttpClient client = HttpClient.newHttpClient();

  /// Serves a home, with the defaults.
  public Served(Path home) throws IOException {
    this(home, 0);
  }

  /// Serves a home at a port, with the defaults; at any free one for 0.
  public Served(Path home, int port) throws IOException {
    this(home, ServerSettings.at(new ListenAddress("127.0.0.1", port)).withFirstPassword(PASSWORD));
  }

  /// Serves a home, as the settings say.
  public Served(Path home, ServerSettings settings) throws IOException {
    server = CalcoServer.open(new Home(home), settings);
  }

  /// Where it answers.
  public String address() {
    return server.address();
  }

  /// What it answers: methods and paths.
  public List<String> routes() {
    return server.routes();
  }

  /// Sends a request as it is.
  public HttpResponse<String> send(HttpRequest request) {
    return client.sendAsync(request, BodyHandlers.ofString()).join();
  }

  /// Sends a request.
  ///
  /// @param token empty for none
  /// @param body empty for none
  public HttpResponse<String> send(String method, String path, String token, String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.address() + path))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (!token.isEmpty()) {
      request.header("X-Auth-Token", token);
    }
    if (path.endsWith("/auth/tokens") && !method.equals("POST")) {
      request.header("X-Subject-Token", token);
    }
    return client.sendAsync(request.build(), BodyHandlers.ofString()).join();
  }

  /// Asks with headers: names and values in turn.
  public HttpResponse<String> get(String path, String... headers) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.address() + path)).headers(headers).build();
    return client.sendAsync(request, BodyHandlers.ofString()).join();
  }

  /// The answer to a login.
  public HttpResponse<String> login(String user, String password, String project) {
    return send(
        "POST",
        "/identity/v3/auth/tokens",
        "",
        """
        {"auth": {"identity": {"methods": ["password"], "password": {"user":
          {"name": "%s", "password": "%s", "domain": {"id": "default"}}}},
         "scope": {"project": {"name": "%s", "domain": {"name": "Default"}}}}}
        """
            .formatted(user, password, project));
  }

  /// A token.
  public String token(String user, String password, String project) {
    return login(user, password, project).headers().firstValue("X-Subject-Token").orElseThrow();
  }

  /// Makes an image of some bytes, as a raw disk.
  public void image(String token, String name, byte[] content) {
    image(token, name, "raw", content);
  }

  /// Likewise, of any format.
  public void image(String token, String name, String format, byte[] content) {
    String made =
        send(
                "POST",
                "/v2/images",
                token,
                "{\"name\": \"%s\", \"disk_format\": \"%s\", \"container_format\": \"bare\"}"
                    .formatted(name, format))
            .body();
    String id = Json.parse(made).path("id").asString();
    HttpRequest upload =
        HttpRequest.newBuilder(URI.create(server.address() + "/v2/images/" + id + "/file"))
            .PUT(BodyPublishers.ofByteArray(content))
            .header("X-Auth-Token", token)
            .header("Content-Type", "application/octet-stream")
            .build();
    int status = client.sendAsync(upload, BodyHandlers.discarding()).join().statusCode();
    if (status != 204) {
      throw new IllegalStateException("the upload was answered with " + status);
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
    server.close();
  }
}
