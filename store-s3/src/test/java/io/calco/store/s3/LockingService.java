package io.calco.store.s3;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// As much of an S3 service with object lock as a store asks for (Amazon S3 API Reference:
/// PutObject, GetObject, HeadObject, DeleteObject, ListObjectsV2, PutObjectRetention). It lets
/// everybody in, keeps no earlier versions, and refuses, as Amazon's does, a lock without a
/// checksum, one that is not in the future, and in compliance mode one that is shorter than before.
final class LockingService implements AutoCloseable {
  private static final Pattern MODE = Pattern.compile("<Mode>(\\w+)</Mode>");
  private static final Pattern UNTIL = Pattern.compile("<RetainUntilDate>([^<]+)</");

  private final HttpServer server;
  private final Map<String, byte[]> objects = new ConcurrentSkipListMap<>();
  private final Map<String, Lock> locks = new ConcurrentHashMap<>();

  record Lock(String mode, Instant until) {}

  LockingService() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/bucket", this::answer);
    server.start();
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /// All keys, ascending.
  Iterable<String> keys() {
    return objects.keySet();
  }

  Optional<Lock> lock(String key) {
    return Optional.ofNullable(locks.get(key));
  }

  /// Time has gone by.
  void age(String key, Instant until) {
    locks.computeIfPresent(key, (_, lock) -> new Lock(lock.mode, until));
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getRawPath().substring("/bucket".length());
      String key =
          URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8)
              .replaceFirst("^/", "");
      String query = String.valueOf(exchange.getRequestURI().getRawQuery());
      byte[] body = exchange.getRequestBody().readAllBytes();
      switch (exchange.getRequestMethod()) {
        case "PUT" -> {
          if (query.equals("retention")) {
            retain(exchange, key, new String(body, StandardCharsets.UTF_8));
          } else {
            put(exchange, key, body);
          }
        }
        case "DELETE" -> {
          objects.remove(key);
          locks.remove(key);
          send(exchange, 204, new byte[0]);
        }
        default -> {
          if (key.isEmpty()) {
            list(exchange, query);
          } else {
            get(exchange, key);
          }
        }
      }
    }
  }

  private static boolean isChecked(HttpExchange exchange) {
    return exchange.getRequestHeaders().keySet().stream()
        .anyMatch(name -> name.matches("(?i)content-md5|x-amz-checksum-.*"));
  }

  private void put(HttpExchange exchange, String key, byte[] body) throws IOException {
    String mode = exchange.getRequestHeaders().getFirst("x-amz-object-lock-mode");
    String until = exchange.getRequestHeaders().getFirst("x-amz-object-lock-retain-until-date");
    if (mode == null) {
      locks.remove(key);
    } else if (!isChecked(exchange) || !Instant.parse(until).isAfter(Instant.now())) {
      refuse(exchange, 400, "InvalidRequest");
      return;
    } else {
      locks.put(key, new Lock(mode, Instant.parse(until)));
    }
    objects.put(key, body);
    send(exchange, 200, new byte[0]);
  }

  private void retain(HttpExchange exchange, String key, String body) throws IOException {
    Matcher mode = MODE.matcher(body);
    Matcher until = UNTIL.matcher(body);
    if (!objects.containsKey(key)) {
      refuse(exchange, 404, "NoSuchKey");
    } else if (!isChecked(exchange) || !mode.find() || !until.find()) {
      refuse(exchange, 400, "InvalidRequest");
    } else {
      Lock wanted = new Lock(mode.group(1), Instant.parse(until.group(1)));
      Lock now = locks.get(key);
      if (now != null && now.mode.equals("COMPLIANCE") && wanted.until.isBefore(now.until)) {
        refuse(exchange, 403, "AccessDenied");
        return;
      }
      locks.put(key, wanted);
      send(exchange, 200, new byte[0]);
    }
  }

  private void get(HttpExchange exchange, String key) throws IOException {
    byte[] object = objects.get(key);
    if (object == null) {
      refuse(exchange, 404, "NoSuchKey");
      return;
    }
    lock(key)
        .ifPresent(lock -> {
          exchange.getResponseHeaders().set("x-amz-object-lock-mode", lock.mode);
          exchange
              .getResponseHeaders()
              .set("x-amz-object-lock-retain-until-date", lock.until.toString());
        });
    String range = exchange.getRequestHeaders().getFirst("Range");
    if (range == null) {
      send(exchange, 200, object);
      return;
    }
    String[] ends = range.replace("bytes=", "").split("-", 2);
    int from = Integer.parseInt(ends[0]);
    if (from >= object.length) {
      refuse(exchange, 416, "InvalidRange");
      return;
    }
    int to = Math.min(object.length, Integer.parseInt(ends[1]) + 1);
    exchange
        .getResponseHeaders()
        .set("Content-Range", "bytes %d-%d/%d".formatted(from, to - 1, object.length));
    send(exchange, 206, Arrays.copyOfRange(object, from, to));
  }

  private void list(HttpExchange exchange, String query) throws IOException {
    Matcher asked = Pattern.compile("(?:^|&)prefix=([^&]*)").matcher(query);
    String prefix = asked.find() ? URLDecoder.decode(asked.group(1), StandardCharsets.UTF_8) : "";
    StringBuilder text = new StringBuilder("<ListBucketResult><IsTruncated>false</IsTruncated>");
    objects.forEach((key, object) -> {
      if (key.startsWith(prefix)) {
        text.append(
            "<Contents><Key>%s</Key><Size>%d</Size></Contents>".formatted(key, object.length));
      }
    });
    send(
        exchange,
        200,
        text.append("</ListBucketResult>").toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void refuse(HttpExchange exchange, int status, String code) throws IOException {
    send(
        exchange,
        status,
        "<Error><Code>%s</Code><Message>no</Message></Error>"
            .formatted(code)
            .getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    if (head) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(body.length));
    }
    exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
    if (!head && body.length > 0) {
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
