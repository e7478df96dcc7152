package io.calco.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.server.settings.Settings;
import io.javalin.config.RoutesConfig;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Clients that are answered while they still send.
class LingeringTest {
  /// Far more than the kernel holds between two ends.
  private static final int LENGTH = 24 << 20;

  private final WebServer server;

  LingeringTest() throws IOException {
    Map<String, String> settings =
        Map.of(
            "CALCO_LISTEN", "127.0.0.1:0", "CALCO_IDLE_TIMEOUT", "1h", "CALCO_STOP_TIMEOUT", "1h");
    server =
        WebServer.start(
            HttpSettings.of(Settings.of(settings)),
            Optional.empty(),
            List.of(),
            List.of(LingeringTest::addTo));
  }

  private static void addTo(RoutesConfig routes) {
    routes.get("/", request -> request.result("here"));
    routes.put("/unread", _ -> refuse());
    routes.put(
        "/begun",
        request -> {
          assertThat(request.bodyInputStream().read()).isEqualTo('x');
          refuse();
        });
  }

  private static void refuse() {
    throw new ApiException(HttpStatus.CONTENT_TOO_LARGE, "too much");
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().port());
    socket.setSoTimeout(120_000);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String head(String path, int length, String... more) {
    return "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n"
        .formatted(path, length, String.join("", more));
  }

  /// What comes up to a text, with it.
  private static String answer(Socket socket, String end) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder text = new StringBuilder();
    while (text.indexOf(end) < 0) {
      int next = in.read();
      assertThat(next).as(text.toString()).isNotNegative();
      text.append((char) next);
    }
    return text.toString();
  }

  @Test
  void whoSendsOnIsTold() throws Exception {
    for (String path : new String[] {"/unread", "/begun"}) {
      try (Socket socket = connect()) {
        send(socket, head(path, LENGTH));
        send(socket, "x".repeat(LENGTH));
        assertThat(answer(socket, "too much")).startsWith("HTTP/1.1 413 ");
      }
    }
  }

  @Test
  void whoAskedFirstIsToldBeforeOrAfterwards() throws Exception {
    String expects = "Expect: 100-continue\r\n";
    try (Socket socket = connect()) {
      send(socket, head("/unread", LENGTH, expects));
      assertThat(answer(socket, "too much")).startsWith("HTTP/1.1 413 ");
      socket.getInputStream().readAllBytes(); // it is the last that comes
    }
    try (Socket socket = connect()) {
      send(socket, head("/begun", LENGTH, expects));
      assertThat(answer(socket, "\r\n\r\n")).startsWith("HTTP/1.1 100 ");
      send(socket, "x".repeat(LENGTH));
      assertThat(answer(socket, "too much")).startsWith("HTTP/1.1 413 ");
    }
  }

  @Test
  void theConnectionGoesOnWhenAllHasCome() throws Exception {
    try (Socket socket = connect()) {
      for (String path : new String[] {"/unread", "/begun"}) {
        send(socket, head(path, 3) + "xyz");
        assertThat(answer(socket, "too much")).startsWith("HTTP/1.1 413 ");
        answer(socket, "}");
        send(socket, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(answer(socket, "here")).contains("HTTP/1.1 200 ");
      }
    }
  }

  /// Who has been answered need not be waited for.
  @Test
  void stoppingDoesNotWaitForWhoPauses() throws Exception {
    try (Socket socket = connect()) {
      send(socket, head("/begun", LENGTH) + "xyz");
      assertThat(answer(socket, "too much")).startsWith("HTTP/1.1 413 ");
      Thread closing = Thread.ofVirtual().start(server::close);
      assertThat(closing.join(Duration.ofMinutes(2))).isTrue();
    }
  }
}
