package io.calco.server.web.machine;

import io.calco.server.Served;
import java.io.ByteArrayOutputStream;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Somebody at the pages, without a browser: with cookies, forms and websockets.
final class PageClient implements AutoCloseable {
  private static final Pattern TOKEN =
      Pattern.compile("name=\"csrf\" (?:value|content)=\"([^\"]+)\"");

  /// Long, for a loaded machine.
  private static final int PATIENCE_SECONDS = 120;

  private final String address;
  private final HttpClient client =
      HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
  private String csrf = "";

  /// Logs in.
  PageClient(Served served, String user, String password) throws Exception {
    address = served.address();
    remember(get("/ui/login").body());
    post("/ui/login", Map.of("name", user, "password", password));
    remember(get("/ui/jobs").body());
  }

  private void remember(String page) {
    Matcher matcher = TOKEN.matcher(page);
    if (!matcher.find()) {
      throw new AssertionError("no form in " + page);
    }
    csrf = matcher.group(1);
  }

  HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  HttpResponse<byte[]> bytes(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(address + path)).build(), BodyHandlers.ofByteArray());
  }

  /// Sends a form, with its token.
  HttpResponse<String> post(String path, Map<String, String> fields) throws Exception {
    String body =
        fields.entrySet().stream()
            .map(field ->
                field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    return client.send(
        HttpRequest.newBuilder(URI.create(address + path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("X-CSRF-Token", csrf)
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  /// Asks as the page's script does.
  HttpResponse<String> ticket(String machine, String kind, String more) throws Exception {
    return client.send(
        HttpRequest.newBuilder(
                URI.create(
                    address + "/ui/machines/" + machine + "/console/" + kind + "/ticket" + more))
            .header("X-CSRF-Token", csrf)
            .POST(BodyPublishers.noBody())
            .build(),
        BodyHandlers.ofString());
  }

  /// A console's websocket.
  ///
  /// @throws java.util.concurrent.ExecutionException when it is refused
  Socket socket(String machine, String kind, String ticket, String origin) throws Exception {
    Socket socket = new Socket();
    WebSocket.Builder builder = client.newWebSocketBuilder();
    if (!origin.isEmpty()) {
      builder.header("Origin", origin);
    }
    socket.socket =
        builder
            .buildAsync(
                URI.create(
                    address.replaceFirst("http", "ws")
                        + "/ui/machines/%s/console/%s/socket?ticket=%s"
                            .formatted(machine, kind, ticket)),
                socket)
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return socket;
  }

  /// The same with a new ticket, from the server's own pages.
  Socket socket(String machine, String kind) throws Exception {
    return socket(machine, kind, ticket(machine, kind, "").body(), address);
  }

  String address() {
    return address;
  }

  @Override
  public void close() {
    client.close();
  }

  /// A websocket that keeps what it hears.
  static final class Socket implements WebSocket.Listener {
    private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
    private final CompletableFuture<String> closed = new CompletableFuture<>();
    private @Nullable WebSocket socket;

    @Override
    public synchronized CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      heard.writeBytes(bytes);
      notifyAll();
      from.request(1);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
      closed.complete(status + " " + reason);
      synchronized (this) {
        notifyAll();
      }
      return CompletableFuture.completedStage(null);
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      closed.complete(String.valueOf(error));
    }

    void send(byte[] bytes) {
      Objects.requireNonNull(socket).sendBinary(ByteBuffer.wrap(bytes), true).join();
    }

    void sendText(String text) {
      Objects.requireNonNull(socket).sendText(text, true).join();
    }

    /// What it has heard, once that holds some bytes; what it has heard when it closed before.
    synchronized byte[] awaitBytes(int count) throws InterruptedException {
      long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (heard.size() < count && !closed.isDone() && System.nanoTime() < until) {
        wait(200);
      }
      return heard.toByteArray();
    }

    /// The status and the reason with which it was closed.
    String awaitClose() throws Exception {
      return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    void close() {
      Objects.requireNonNull(socket).sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    }
  }
}
