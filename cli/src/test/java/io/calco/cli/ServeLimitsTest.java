package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.calco.testkit.Oracle;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server at its limits: many slow links, a disk that fills up.
///
/// `-Dcalco.serve.slow=200` for as many links, each with 4 MiB, and the heap that `calco serve`
/// has.
class ServeLimitsTest {
  private static final String PASSWORD = "first";
  private static final int LINK = 64 << 10; // bytes a second
  private static final int TICKS = 8; // a second

  @TempDir private Path directory;

  private static byte[] noise(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static Process serve(String heap, Path home, Map<String, String> more)
      throws IOException {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("CALCO_ADMIN_PASSWORD", PASSWORD);
    environment.put("CALCO_ACCESS_LOG", "off");
    environment.put("CALCO_LOG_LEVEL", "error");
    return Command.listeningWith(
        heap, environment, "serve", "--listen", "127.0.0.1:0", "--home", home);
  }

  private static long status(Process server, String field) throws IOException {
    String text = Files.readString(Path.of("/proc", String.valueOf(server.pid()), "status"));
    Matcher line = Pattern.compile("(?m)^" + field + ":\\s+(\\d+)").matcher(text);
    assertThat(line.find()).isTrue();
    return Long.parseLong(line.group(1));
  }

  @Test
  void manySlowLinksAllEnd() throws Exception {
    int links = Integer.getInteger("calco.serve.slow", 40);
    int length = links > 100 ? 4 << 20 : 150_000;
    Process server = serve(links > 100 ? "320m" : "144m", directory.resolve("home"), Map.of());
    try (BufferedReader told = server.inputReader();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      String address = told.readLine();
      try (ImageClient client = new ImageClient(address, PASSWORD)) {
        Map<String, Future<String>> answers = new HashMap<>();
        for (int i = 0; i < links; i++) {
          String id = UUID.randomUUID().toString();
          byte[] content = noise(id.hashCode(), length);
          Callable<String> sending =
              () -> {
                assertThat(client.create(id, "slow")).isEqualTo(201);
                return trickle(URI.create(address), client.token(), id, content);
              };
          answers.put(id, threads.submit(sending));
        }
        long threadsAmid = 0;
        while (!answers.values().stream().allMatch(Future::isDone)) {
          threadsAmid = Math.max(threadsAmid, status(server, "Threads"));
          Thread.sleep(200);
        }
        for (Map.Entry<String, Future<String>> answer : answers.entrySet()) {
          assertThat(answer.getValue().get()).startsWith("HTTP/1.1 204 ");
          assertThat(client.download(answer.getKey()).body())
              .isEqualTo(noise(answer.getKey().hashCode(), length));
        }
        assertThat(client.statuses().values()).hasSize(links).containsOnly("active");
        assertThat(threadsAmid).as("threads of the server").isLessThan(120);
        if (links > 100) {
          System.out.printf(
              "%d links of %d KiB/s, %d MiB each: %d threads, at most %d MiB resident%n",
              links, LINK >> 10, length >> 20, threadsAmid, status(server, "VmHWM") >> 10);
        }
      }
    } finally {
      server.destroyForcibly().waitFor();
    }
  }

  /// Sends as a slow link does; the first line of the answer.
  private static String trickle(URI server, String token, String id, byte[] content)
      throws IOException, InterruptedException {
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      String head =
          """
          PUT /v2/images/%s/file HTTP/1.1\r
          Host: %s\r
          X-Auth-Token: %s\r
          Content-Type: application/octet-stream\r
          Content-Length: %d\r
          Connection: close\r
          \r
          """
              .formatted(id, server.getAuthority(), token, content.length);
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      for (int at = 0; at < content.length; at += LINK / TICKS) {
        socket.getOutputStream().write(content, at, Math.min(LINK / TICKS, content.length - at));
        Thread.sleep(1000 / TICKS);
      }
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      return answer.lines().findFirst().orElse("");
    }
  }

  @Test
  void aFullDiskRefusesAndLosesNothing() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root mounts");
    Path disk = Files.createDirectory(directory.resolve("disk"));
    Oracle.named("mount").run("-t", "tmpfs", "-o", "size=64m", "tmpfs", disk).succeeds();
    try {
      fill(disk.resolve("kept"), "24M");
      fill(disk.resolve("brim"), "0");
    } finally {
      Oracle.named("umount").run("-l", disk).succeeds();
    }
  }

  private static void fill(Path home, String reserve) throws Exception {
    boolean spared = !reserve.equals("0");
    Process server =
        serve("144m", home, Map.of("CALCO_STORE_RESERVE", reserve, "CALCO_STORE_COLLECT", "never"));
    try (BufferedReader told = server.inputReader();
        ImageClient client = new ImageClient(told.readLine(), PASSWORD)) {
      Map<String, byte[]> kept = new HashMap<>();
      String refused = "";
      for (int i = 0; refused.isEmpty(); i++) {
        assertThat(i).as("images on a disk of 64 MiB").isLessThan(20);
        refused = fourAtOnce(client, 4L * i, kept);
      }
      assertThat(client.get("/healthz/live").statusCode()).isEqualTo(200);
      assertThat(client.get("/v2/images/" + refused).body()).contains("\"status\":\"queued\"");
      checkAll(client, kept);
      if (spared) {
        calco("store", "verify", "--home", home).exits(0);
      }

      if (spared) {
        // All but one: what lies in packs with what is needed is not freed at once.
        for (String gone : List.copyOf(kept.keySet()).subList(1, kept.size())) {
          assertThat(client.delete(gone)).isEqualTo(204);
          kept.remove(gone);
        }
        calco("store", "collect", "--home", home).exits(0);
        assertThat(fourAtOnce(client, 1000, kept)).as("there is room again").isEmpty();
        checkAll(client, kept);
        calco("store", "verify", "--home", home).exits(0);
        for (String gone : kept.keySet()) {
          assertThat(client.delete(gone)).isEqualTo(204);
        }
        calco("store", "collect", "--home", home).exits(0);
      }
    } finally {
      server.destroyForcibly().waitFor();
    }
  }

  /// Uploads four images.
  ///
  /// @return one that was refused for want of room; empty when all were taken
  private static String fourAtOnce(ImageClient client, long seed, Map<String, byte[]> kept)
      throws Exception {
    List<String> ids = new ArrayList<>();
    List<Future<HttpResponse<String>>> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 4; i++) {
        String id = UUID.randomUUID().toString();
        byte[] content = noise(seed + i, 3 << 20);
        ids.add(id);
        answers.add(
            threads.submit(() -> {
              assertThat(client.create(id, "n")).isEqualTo(201);
              return client.upload(id, BodyPublishers.ofByteArray(content));
            }));
      }
    }
    String refused = "";
    for (int i = 0; i < ids.size(); i++) {
      HttpResponse<String> answer = answers.get(i).get();
      assertThat(answer.statusCode()).as(answer.body()).isIn(204, 413);
      if (answer.statusCode() == 204) {
        kept.put(ids.get(i), noise(seed + i, 3 << 20));
      } else {
        assertThat(answer.body()).contains("Image storage media is full");
        refused = ids.get(i);
      }
    }
    return refused;
  }

  private static void checkAll(ImageClient client, Map<String, byte[]> kept) throws Exception {
    for (Map.Entry<String, byte[]> image : kept.entrySet()) {
      assertThat(client.download(image.getKey()).body()).isEqualTo(image.getValue());
    }
  }
}
