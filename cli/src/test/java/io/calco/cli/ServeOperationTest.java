package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `calco serve` as those see it who run it: its settings, its log, its certificate, and systemd.
class ServeOperationTest {
  private static final String LISTEN =
      """
      import socket, sys
      s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      s.bind(sys.argv[1])
      print('listening', flush=True)
      while True:
          print(s.recv(4096).decode().replace(chr(10), ' '), flush=True)
      """;

  @TempDir private Path directory;

  private static void stop(Process server) throws InterruptedException {
    assertThat(server.toHandle().destroy()).isTrue(); // not destroy(): it closes what it printed
    assertThat(server.waitFor(120, TimeUnit.SECONDS)).isTrue();
  }

  private Process serve(Map<String, String> environment, Object... words) throws IOException {
    Object[] all = new Object[words.length + 5];
    Object[] first = {"serve", "--listen", "127.0.0.1:0", "--home", directory.resolve("home")};
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(words, 0, all, first.length, words.length);
    return Command.listening(directory.resolve("log"), environment, all);
  }

  @Test
  void printsItsSettingsWithoutSecrets() throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "contraseña\n");
    Path file =
        Files.writeString(
            directory.resolve("calco.properties"),
            "admin-password-file = %s\nhsts = 1d\n".formatted(secret));
    String shown =
        calco("serve", "--config", file, "--set", "uploads=5", "--print-config").exits(0).out();
    assertThat(shown)
        .containsPattern("\nadmin-password +\\(hidden\\) +.*calco.properties: admin-password-file")
        .containsPattern("\nhsts +1d +")
        .containsPattern("\nuploads +5 +--uploads\n")
        .doesNotContain("contraseña");
    assertThat(
            calco("serve", "--config", file, "--print-config", "--output", "json").exits(0).out())
        .contains("\"value\": \"1d\"");
    calco("serve", "--config", directory.resolve("none")).exits(3);
    calco("serve", "--set", "x").exits(2);
    calco("serve", "--set", "admin-password=x").exits(2);
    Files.writeString(file, "lissten = a:1\n");
    assertThat(calco("serve", "--config", file).exits(2).err())
        .contains("there is no setting \"lissten\"", "did you mean: listen?");
  }

  @Test
  void refusesToServeOthersUnencrypted() {
    assertThat(calco("serve", "--listen", "0.0.0.0:0", "--home", directory).exits(4).err())
        .contains("unencrypted", "--tls self-made");
  }

  @Test
  void logsWithoutSecretsAndTellsSystemd() throws Exception {
    Oracle.named("python3");
    String socket = directory.resolve("notify").toString();
    Process systemd = new ProcessBuilder("python3", "-c", LISTEN, socket).start();
    try (BufferedReader told = systemd.inputReader()) {
      assertThat(told.readLine()).isEqualTo("listening");
      Process server =
          serve(
              Map.of(
                  "CALCO_ADMIN_PASSWORD",
                  "contraseña",
                  "CALCO_STOP_TIMEOUT",
                  "7s",
                  "NOTIFY_SOCKET",
                  socket,
                  "WATCHDOG_USEC",
                  "300000"));
      try (BufferedReader out = server.inputReader()) {
        String address = out.readLine();
        assertThat(told.readLine()).isEqualTo("READY=1 STATUS=" + address);
        assertThat(told.readLine()).isEqualTo("WATCHDOG=1");
        HttpResponse<String> login = login(address);
        String token = login.headers().firstValue("X-Subject-Token").orElseThrow();
        String id = login.headers().firstValue("X-Openstack-Request-Id").orElseThrow();
        stop(server);
        String line = told.readLine();
        while (line.equals("WATCHDOG=1")) {
          line = told.readLine();
        }
        assertThat(line).startsWith("STOPPING=1").endsWith("EXTEND_TIMEOUT_USEC=17000000");
        String log = Files.readString(directory.resolve("log"));
        assertThat(log).contains(id).doesNotContain(token, "contraseña", "secreto");
        List<JsonNode> lines = log.lines().map(JsonMapper.shared()::readTree).toList();
        assertThat(lines)
            .anySatisfy(each -> {
              assertThat(each.path("request").asString("")).isEqualTo(id);
              assertThat(each.path("message").asString(""))
                  .isEqualTo("POST /identity/v3/auth/tokens");
              assertThat(each.path("status").asInt()).isEqualTo(201);
            });
      } finally {
        server.destroyForcibly();
      }
    } finally {
      systemd.destroyForcibly();
    }
  }

  private static HttpResponse<String> login(String address) {
    String body =
        """
        {"auth": {"identity": {"methods": ["password"], "password": {"user":
          {"name": "admin", "password": "contraseña", "domain": {"id": "default"}}}},
         "scope": {"project": {"name": "admin", "domain": {"id": "default"}}}}}
        """;
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .sendAsync(
              HttpRequest.newBuilder(
                      URI.create(address + "/identity/v3/auth/tokens?nocatalog=secreto"))
                  .POST(BodyPublishers.ofString(body))
                  .build(),
              BodyHandlers.ofString())
          .join();
    }
  }

  @Test
  void makesItsCertificate() throws Exception {
    Process server =
        serve(Map.of("CALCO_ADMIN_PASSWORD", "x"), "--tls", "self-made", "--set", "access-log=off");
    try (BufferedReader out = server.inputReader()) {
      String address = out.readLine();
      assertThat(address).startsWith("https://127.0.0.1:");
      String fingerprint = out.readLine().replace("self-made certificate, SHA-256 ", "");
      Path certificate = directory.resolve("home/tls/self-made.crt");
      assertThat(
              Oracle.named("openssl")
                  .run("x509", "-in", certificate, "-noout", "-fingerprint", "-sha256")
                  .out())
          .contains(fingerprint);
      assertThat(
              Oracle.named("curl")
                  .run("-sS", "--cacert", certificate, address + "/healthz/live")
                  .succeeds()
                  .out())
          .isEqualTo("{\"status\":\"ok\"}");
      stop(server);
    } finally {
      server.destroyForcibly();
    }
    assertThat(Files.readString(directory.resolve("log")).lines())
        .hasSize(2)
        .last()
        .asString()
        .contains("\"message\":\"stopped\"");
  }
}
