package io.calco.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Clients that send slowly, by chance or on purpose.
class SlowSendersTest {
  private static final Duration LIMIT = Duration.ofSeconds(1);

  private final Server server = new Server();
  private final ServerConnector connector = new ServerConnector(server);

  /// Reads the body, and answers how long it was.
  private static final class Counting extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      Thread.ofVirtual()
          .start(() -> {
            try (InputStream body = Content.Source.asInputStream(request)) {
              long length = body.transferTo(OutputStream.nullOutputStream());
              Content.Sink.write(response, true, "got " + length, callback);
            } catch (IOException | RuntimeException e) {
              callback.failed(e);
            }
          });
      return true;
    }
  }

  @BeforeEach
  void start() throws Exception {
    SlowSenders guard = new SlowSenders(new SlowSenders.Limits(LIMIT, LIMIT, 500));
    guard.guard(server);
    guard.setHandler(new Counting());
    server.setHandler(guard);
    server.addConnector(connector);
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort());
    socket.setSoTimeout(60_000);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /// True when the server closes the connection before it is given so many bytes, one at a time.
  private static boolean isClosedAmid(Socket socket, String text, Duration pause) throws Exception {
    try {
      for (int i = 0; i < text.length(); i++) {
        send(socket, text.substring(i, i + 1));
        Thread.sleep(pause);
      }
      return socket.getInputStream().available() == 0 && socket.getInputStream().read() < 0;
    } catch (SocketException closed) {
      return true;
    }
  }

  private static String answer(Socket socket) throws IOException {
    byte[] bytes = new byte[2000];
    StringBuilder text = new StringBuilder();
    int read;
    while (!text.toString().contains("got ") && (read = socket.getInputStream().read(bytes)) > 0) {
      text.append(new String(bytes, 0, read, StandardCharsets.US_ASCII));
    }
    return text.toString();
  }

  @Test
  void aHeadHasItsTime() throws Exception {
    String head = "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: " + "a".repeat(100);
    try (Socket first = connect()) {
      assertThat(isClosedAmid(first, head, Duration.ofMillis(30))).isTrue();
    }
    try (Socket second = connect()) {
      send(second, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(answer(second)).contains("200 OK", "got 0");
      Thread.sleep(LIMIT.multipliedBy(2)); // a connection may be idle between requests
      send(second, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(answer(second)).contains("got 0");
      assertThat(isClosedAmid(second, head, Duration.ofMillis(30))).isTrue();
    }
    try (Socket silent = connect()) {
      assertThat(silent.getInputStream().read()).isNegative();
    }
  }

  @Test
  void aSlowLinkIsNoHindranceAndADripIs() throws Exception {
    try (Socket slow = connect()) {
      send(slow, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 8000\r\n\r\n");
      for (int i = 0; i < 40; i++) { // 2 seconds, 4000 bytes a second
        send(slow, "x".repeat(200));
        Thread.sleep(50);
      }
      assertThat(answer(slow)).contains("got 8000");
    }
    try (Socket drip = connect()) {
      send(drip, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 8000\r\n\r\n");
      isClosedAmid(drip, "x".repeat(100), Duration.ofMillis(20));
      assertThat(answer(drip)).doesNotContain("got ");
    } catch (SocketException closed) {
      // Before the answer was read.
    }
  }
}
