package io.calco.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.engine.Home;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.server.http.ListenAddress;
import io.calco.server.settings.Settings;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalcoServerTest {
  private static final ListenAddress ANY = new ListenAddress("127.0.0.1", 0);

  @TempDir private Path directory;

  private CalcoServer open(ListenAddress listen) throws IOException {
    return CalcoServer.open(new Home(directory), ServerSettings.at(listen));
  }

  @Test
  void theFirstPasswordIsToldOnce() throws IOException {
    try (ServerSocket taken = new ServerSocket(0)) {
      assertThatThrownBy(() -> open(new ListenAddress("0.0.0.0", taken.getLocalPort())))
          .isInstanceOf(OperationException.class)
          .hasMessageContaining("cannot listen");
    }
    try (CalcoServer first = open(ANY)) {
      assertThat(first.firstPassword()).as("and not by a server that never was").isPresent();
    }
    try (CalcoServer second = open(ANY)) {
      assertThat(second.firstPassword()).isEmpty();
    }
  }

  @Test
  void aHomeHasOneServer() throws IOException {
    try (CalcoServer server = open(ANY)) {
      assertThatThrownBy(() -> open(ANY))
          .isInstanceOfSatisfying(
              OperationException.class,
              refusal -> assertThat(refusal.kind()).isEqualTo(Kind.REFUSED))
          .hasMessage(
              "%s: another server serves this home, at %s".formatted(directory, server.address()));
    }
    open(ANY).close();
  }

  @Test
  void isHealthy() throws IOException {
    try (Served served = new Served(directory)) {
      assertThat(served.send("GET", "/healthz", "", "").body())
          .isEqualTo(
              "{\"status\":\"ok\",\"checks\":"
                  + "{\"catalogue\":\"ok\",\"store\":\"ok\",\"space\":\"ok\"}}");
      assertThat(served.send("HEAD", "/healthz", "", "").statusCode()).isEqualTo(200);
    }
  }

  private static ServerSettings settings(Map<String, String> variables) throws IOException {
    return ServerSettings.of(Settings.of(variables));
  }

  @Test
  void settings() throws IOException {
    ServerSettings settings =
        settings(
            Map.of(
                "CALCO_AUTH", "keystone",
                "CALCO_KEYSTONE_URL", "https://k.example:5000/v3/",
                "CALCO_KEYSTONE_USER", "glance",
                "CALCO_KEYSTONE_PASSWORD", "secreto",
                "CALCO_KEYSTONE_PROJECT", "service"));
    assertThat(settings.keystone().orElseThrow().address())
        .hasToString("https://k.example:5000/v3");
    assertThat(settings.keystone().orElseThrow().domain()).isEqualTo("Default");
    assertThat(settings.toString() + settings.keystone()).doesNotContain("secreto");
    assertThat(settings(Map.of("CALCO_ADMIN_PASSWORD", "x")).firstPassword()).hasValue("x");
    assertThatThrownBy(() -> settings(Map.of("CALCO_AUTH", "none")))
        .hasMessage("CALCO_AUTH: \"none\" is neither embedded nor keystone");
    assertThatThrownBy(() -> settings(Map.of("CALCO_AUTH", "keystone")))
        .hasMessage("keystone-url is not set");
    assertThatThrownBy(
            () -> settings(Map.of("CALCO_AUTH", "keystone", "CALCO_KEYSTONE_URL", "file:///etc")))
        .hasMessage("CALCO_KEYSTONE_URL: \"file:///etc\" is no address");
  }
}
