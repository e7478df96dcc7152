package io.calco.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Speaks the Image API with a server, as its administrator.
///
/// Thread rule: safe for several threads.
final class ImageClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Pattern ENTRY =
      Pattern.compile("\"id\":\"([0-9a-f-]{36})\"|\"status\":\"([a-z]+)\"");

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String address;
  private final String token;

  /// Logs in.
  ///
  /// @param address of the server
  ImageClient(String address, String password) throws IOException, InterruptedException {
    this.address = address;
    String login =
        """
        {"auth": {"identity": {"methods": ["password"], "password": {"user":
          {"name": "admin", "password": "%s", "domain": {"id": "default"}}}},
         "scope": {"project": {"name": "admin", "domain": {"id": "default"}}}}}
        """
            .formatted(password);
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(address + "/identity/v3/auth/tokens"))
                .POST(BodyPublishers.ofString(login))
                .build(),
            BodyHandlers.ofString());
    token = answer.headers().firstValue("X-Subject-Token").orElseThrow();
  }

  String token() {
    return token;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(address + path))
        .header("X-Auth-Token", token)
        .timeout(PATIENCE);
  }

  /// Adds an image of raw bytes, without any yet.
  ///
  /// @return the answer's status
  int create(String id, String name) throws IOException, InterruptedException {
    String body =
        "{\"id\": \"%s\", \"name\": \"%s\", \"disk_format\": \"raw\", \"container_format\": \"bare\"}"
            .formatted(id, name);
    return client
        .send(
            request("/v2/images")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.discarding())
        .statusCode();
  }

  /// Uploads an image's bytes.
  HttpResponse<String> upload(String id, BodyPublisher content)
      throws IOException, InterruptedException {
    return send(id + "/file", content);
  }

  /// Stages an image's bytes.
  HttpResponse<String> stage(String id, BodyPublisher content)
      throws IOException, InterruptedException {
    return send(id + "/stage", content);
  }

  private HttpResponse<String> send(String path, BodyPublisher content)
      throws IOException, InterruptedException {
    return client.send(
        request("/v2/images/" + path)
            .header("Content-Type", "application/octet-stream")
            .PUT(content)
            .build(),
        BodyHandlers.ofString());
  }

  /// Begins to make what was staged the image's own.
  ///
  /// @return the answer's status
  int importStaged(String id) throws IOException, InterruptedException {
    return client
        .send(
            request("/v2/images/" + id + "/import")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"method\": {\"name\": \"glance-direct\"}}"))
                .build(),
            BodyHandlers.discarding())
        .statusCode();
  }

  /// Waits until an image is active.
  void awaitActive(String id) throws IOException, InterruptedException {
    for (int attempt = 0; attempt < 500; attempt++) {
      if (get("/v2/images/" + id).body().contains("\"status\":\"active\"")) {
        return;
      }
      Thread.sleep(20);
    }
    throw new AssertionError("image " + id + " does not become active");
  }

  /// @return the answer's status
  int delete(String id) throws IOException, InterruptedException {
    return client
        .send(request("/v2/images/" + id).DELETE().build(), BodyHandlers.discarding())
        .statusCode();
  }

  /// An image's bytes.
  HttpResponse<byte[]> download(String id) throws IOException, InterruptedException {
    return client.send(request("/v2/images/" + id + "/file").build(), BodyHandlers.ofByteArray());
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  /// The status of every image, by its id.
  Map<String, String> statuses() throws IOException, InterruptedException {
    Map<String, String> all = new TreeMap<>();
    String path = "/v2/images?limit=500";
    while (!path.isEmpty()) {
      String page = get(path).body();
      String last = "";
      for (String image : page.split("(?=\\{\"[a-z_]+\":)", -1)) {
        String id = "";
        String status = "";
        Matcher fields = ENTRY.matcher(image);
        while (fields.find()) {
          id = fields.group(1) == null ? id : fields.group(1);
          status = fields.group(2) == null ? status : fields.group(2);
        }
        if (!id.isEmpty() && !status.isEmpty()) {
          all.put(id, status);
          last = id;
        }
      }
      path = page.contains("\"next\":") ? "/v2/images?limit=500&marker=" + last : "";
    }
    return all;
  }

  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }
}
