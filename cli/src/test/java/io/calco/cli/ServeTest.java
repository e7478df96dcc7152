package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `calco serve` as a process, with other commands beside it.
class ServeTest {
  private static final int SIGTERM = 143;

  @TempDir private Path home;

  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void close() {
    client.close();
  }

  private Process serve(Map<String, String> environment) throws IOException {
    return Command.listening(environment, "serve", "--listen", "127.0.0.1:0", "--home", home);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    return client.sendAsync(request.build(), BodyHandlers.ofString()).join();
  }

  private HttpResponse<String> login(String address, String user, String password, String in) {
    String body =
        """
        {"auth": {"identity": {"methods": ["password"], "password": {"user":
          {"name": "%s", "password": "%s", "domain": {"id": "default"}}}},
         "scope": {"project": {"name": "%s", "domain": {"id": "default"}}}}}
        """
            .formatted(user, password, in);
    return send(
        HttpRequest.newBuilder(URI.create(address + "/identity/v3/auth/tokens"))
            .POST(BodyPublishers.ofString(body)));
  }

  private static void stop(Process server) throws InterruptedException {
    assertThat(server.toHandle().destroy()).isTrue(); // not destroy(): it closes what it printed
    assertThat(server.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(server.exitValue()).isEqualTo(SIGTERM);
  }

  @Test
  void commandsWorkBesideIt() throws Exception {
    Process server = serve(Map.of("CALCO_ADMIN_PASSWORD", "first"));
    try (BufferedReader told = server.inputReader()) {
      String address = told.readLine();
      assertThat(address).startsWith("http://127.0.0.1:");
      assertThat(login(address, "admin", "first", "admin").statusCode()).isEqualTo(201);
      calco("project", "create", "demo", "--home", home).exits(0);
      create("ana", "pw");
      HttpResponse<String> token = login(address, "ana", "pw", "demo");
      assertThat(token.statusCode()).isEqualTo(201);
      calco("user", "grant", "ana", "--project", "demo", "--role", "admin", "--home", home)
          .exits(0);
      assertThat(calco("user", "list", "--home", home).exits(0).out())
          .contains("admin  yes      admin@admin", "ana    yes      admin@demo reader@demo");
      Command.Answer second = calco("serve", "--listen", "127.0.0.1:0", "--home", home).exits(4);
      assertThat(second.err())
          .isEqualTo(
              "calco: %s: another server serves this home, at %s%n".formatted(home, address));

      calco("user", "delete", "ana", "--yes", "--home", home).exits(0);
      String hers = token.headers().firstValue("X-Subject-Token").orElseThrow();
      Thread.sleep(1100); // what others change is seen within a second
      assertThat(
              send(HttpRequest.newBuilder(URI.create(address + "/identity/v3/auth/projects"))
                      .header("X-Auth-Token", hers))
                  .statusCode())
          .isEqualTo(401);
      stop(server);
      assertThat(told.readLine()).as("nothing else was printed").isNull();
    } finally {
      server.destroyForcibly();
    }
  }

  private void create(String name, String password) {
    InputStream in = System.in;
    System.setIn(new ByteArrayInputStream((password + "\n").getBytes(StandardCharsets.UTF_8)));
    try {
      calco(
              "user",
              "create",
              name,
              "--project",
              "demo",
              "--role",
              "reader",
              "--password-stdin",
              "--home",
              home)
          .exits(0);
    } finally {
      System.setIn(in);
    }
  }

  @Test
  void printsTheFirstPasswordOnce() throws Exception {
    Process first = serve(Map.of());
    try (BufferedReader told = first.inputReader()) {
      String address = told.readLine();
      String start = "user admin, project admin, domain Default, password ";
      String line = told.readLine();
      assertThat(line).startsWith(start);
      assertThat(login(address, "admin", line.substring(start.length()), "admin").statusCode())
          .isEqualTo(201);
      stop(first);
    } finally {
      first.destroyForcibly();
    }
    Process second = serve(Map.of("CALCO_ADMIN_PASSWORD", "other"));
    try (BufferedReader told = second.inputReader()) {
      String address = told.readLine();
      assertThat(login(address, "admin", "other", "admin").statusCode()).isEqualTo(401);
      stop(second);
      assertThat(told.readLine()).isNull();
    } finally {
      second.destroyForcibly();
    }
  }

  @Test
  void badAddressesAndUnknownNames() {
    assertThat(calco("serve", "--listen", "nowhere", "--home", home).exits(2).err())
        .startsWith("calco: --listen: \"nowhere\" is not HOST:PORT");
    assertThat(calco("user", "create", "ana", "--project", "none", "--home", home).exits(3).err())
        .contains("there is no project none", "calco project create none");
    assertThat(calco("user", "delete", "ana", "--yes", "--home", home).exits(3).err())
        .contains("there is no user ana");
    calco("project", "create", "demo", "--home", home).exits(0);
    calco("project", "create", "demo", "--home", home).exits(4);
    calco("project", "create", " ", "--home", home).exits(2);
    assertThat(
            calco("user", "create", "a", "--project", "demo", "--role", "king", "--home", home)
                .exits(2)
                .err())
        .contains("there is no role king");
    assertThat(calco("user", "create", "a", "--project", "demo", "--home", home).exits(0).out())
        .matches("password: [A-Za-z0-9_-]{32}\\R");
    calco("project", "delete", "demo", "--yes", "--home", home).exits(0);
  }
}
