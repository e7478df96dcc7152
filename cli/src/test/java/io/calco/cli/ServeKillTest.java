package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.ProcessEnd;
import io.calco.testkit.Seeds;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A server killed in the middle of uploads, deletes and collections. What it has acknowledged is
/// there when it runs again, what it has not is there whole or not at all, the store is sound and
/// nothing is left lying about.
///
/// `-Dcalco.serve.kills=50` for as many rounds.
class ServeKillTest {
  private static final int UPLOADS = 100;
  private static final int DELETES = 50;
  private static final int SHORT = 2;
  private static final String PASSWORD = "first";
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "CALCO_ADMIN_PASSWORD",
          PASSWORD,
          "CALCO_STORE_COLLECT",
          "1s",
          "CALCO_ACCESS_LOG",
          "off",
          "CALCO_LOG_LEVEL",
          "error");

  @TempDir private Path home;

  /// What was asked of the server, and what it answered.
  private static final class Image {
    final String id = UUID.randomUUID().toString();
    final long seed;
    volatile boolean staged;
    volatile boolean created;
    volatile boolean sent;
    volatile boolean stored;
    volatile boolean deleting;
    volatile boolean deleted;

    Image(long seed, boolean staged) {
      this.seed = seed;
      this.staged = staged;
    }

    /// Bytes of which many images have most.
    byte[] content() {
      Random random = new Random(seed);
      byte[] bytes = new byte[50_000 + random.nextInt(1_500_000)];
      new Random(seed % 5).nextBytes(bytes);
      Arrays.fill(bytes, bytes.length / 2, bytes.length / 2 + 20_000, (byte) 0);
      byte[] own = new byte[30_000];
      random.nextBytes(own);
      System.arraycopy(own, 0, bytes, random.nextInt(bytes.length - own.length), own.length);
      return bytes;
    }

    @Override
    public String toString() {
      return "%s created %s sent %s stored %s deleting %s deleted %s staged %s"
          .formatted(id, created, sent, stored, deleting, deleted, staged);
    }
  }

  private final Map<String, Image> images = new ConcurrentHashMap<>();

  /// A server that runs, and a client of it.
  private static final class Running implements Closeable {
    final Process process;
    final ImageClient client;

    Running(Path home) throws Exception {
      process = Command.listening(ENVIRONMENT, "serve", "--listen", "127.0.0.1:0", "--home", home);
      BufferedReader told = process.inputReader();
      String address = told.readLine();
      assertThat(address).as("the server starts").startsWith("http://");
      client = new ImageClient(address, PASSWORD);
    }

    void kill() {
      ProcessEnd.kill(process);
    }

    @Override
    public void close() {
      client.close();
      kill();
    }
  }

  @Test
  void whatWasAcknowledgedIsThere() {
    int rounds = Integer.getInteger("calco.serve.kills", SHORT);
    Seeds.run(
        1,
        random -> {
          long lasts = 3000;
          for (int round = 0; round < rounds; round++) {
            long killed = 0;
            long begun;
            try (Running server = new Running(home)) {
              fill(server.client, random);
              begun = System.nanoTime();
              killed = work(server, random, random.nextLong(lasts));
            }
            long took = (System.nanoTime() - begun) / 1_000_000;
            lasts = killed == 0 ? Math.max(500, took) : lasts;
            try (Running server = new Running(home)) {
              int active = check(server.client);
              if (rounds > SHORT) {
                System.out.printf(
                    "round %d: killed after %d ms, %d images have content%n", round, took, active);
              }
              again(server.client);
            }
          }
        });
  }

  /// Makes as many images as will be deleted.
  private void fill(ImageClient client, Random random) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = images.size(); i < DELETES; i++) {
        Image image = new Image(random.nextLong(), false);
        all.add(threads.submit(() -> upload(client, image)));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  private Void upload(ImageClient client, Image image) throws Exception {
    images.put(image.id, image);
    int status = client.create(image.id, "i" + image.seed);
    assertThat(status).isEqualTo(201);
    image.created = true;
    send(client, image);
    return null;
  }

  private static void send(ImageClient client, Image image) throws Exception {
    image.sent = true;
    var content = BodyPublishers.ofByteArray(image.content());
    HttpResponse<String> answer =
        image.staged ? client.stage(image.id, content) : client.upload(image.id, content);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
    image.stored = true;
  }

  private Void delete(ImageClient client, Image image) throws Exception {
    image.deleting = true;
    assertThat(client.delete(image.id)).isEqualTo(204);
    image.deleted = true;
    return null;
  }

  /// All at once, until the server is killed, or all is done.
  ///
  /// @return 0 when all was done before
  private long work(Running server, Random random, long delay) throws Exception {
    List<Image> old = new ArrayList<>(images.values());
    Collections.shuffle(old, random);
    Process collector = Command.start("store", "collect", "--home", home);
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    List<Future<Void>> all = new ArrayList<>();
    for (int i = 0; i < UPLOADS; i++) {
      Image image = new Image(random.nextLong(), i % 10 == 0);
      all.add(threads.submit(() -> upload(server.client, image)));
      if (i < DELETES) {
        Image gone = old.get(i);
        all.add(threads.submit(() -> delete(server.client, gone)));
      }
    }
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delay);
    while (System.nanoTime() < until && !all.stream().allMatch(Future::isDone)) {
      Thread.sleep(1);
    }
    boolean done = all.stream().allMatch(Future::isDone);
    server.kill();
    collector.destroyForcibly().waitFor();
    server.client.close();
    for (Future<Void> one : all) {
      try {
        one.get();
      } catch (java.util.concurrent.ExecutionException e) {
        if (!(e.getCause() instanceof IOException)) {
          throw e; // an answer that was not expected
        }
      }
    }
    threads.close();
    return done ? 0 : delay;
  }

  /// @return how many images are active
  private int check(ImageClient client) throws Exception {
    Map<String, String> statuses = client.statuses();
    assertThat(images.keySet()).as("nothing comes from nowhere").containsAll(statuses.keySet());
    int withContent = 0;
    for (Image image : List.copyOf(images.values())) {
      String status = statuses.getOrDefault(image.id, "");
      assertThat(status).as(image.toString()).isIn(possible(image));
      if (status.equals("active")) {
        requireContent(client, image);
      }
      withContent += status.equals("active") || status.equals("uploading") ? 1 : 0;
      if (status.isEmpty()) {
        images.remove(image.id);
      }
    }
    checkStore(withContent);
    return withContent;
  }

  /// The statuses that an image may have now; empty for one that is not there.
  private static List<String> possible(Image image) {
    if (image.deleted) {
      return List.of("");
    }
    List<String> possible = new ArrayList<>();
    String complete = image.staged ? "uploading" : "active";
    if (image.deleting || !image.created) {
      possible.add("");
    }
    if (image.stored) {
      possible.add(complete);
    } else {
      possible.add("queued");
      if (image.sent) {
        possible.add(complete);
      }
    }
    return possible;
  }

  private void checkStore(int contents) throws Exception {
    assertThat(calco("store", "verify", "--home", home).exits(0).out())
        .contains("all is as it was");
    collectAlone();
    JsonNode status = status();
    assertThat(status.path("images").asInt()).as("roots, each an image's").isEqualTo(contents);
    assertThat(status.path("missing-pieces").asInt()).isZero();
    awaitQuiet();
  }

  private JsonNode status() {
    return new JsonMapper()
        .readTree(calco("store", "status", "--output", "json", "--home", home).exits(0).out());
  }

  /// Until nothing is under way any more: the server that was started anew notes what it had not
  /// noted yet, and collects, in its own time.
  private void awaitQuiet() throws Exception {
    int uploads = 1;
    List<Path> left = List.of();
    for (int attempt = 0; attempt < 300; attempt++) {
      uploads = status().path("uploads").asInt();
      left = left();
      if (uploads == 0 && left.isEmpty()) {
        return;
      }
      Thread.sleep(100);
    }
    assertThat(left).isEmpty();
    assertThat(uploads).isZero();
  }

  /// What uploads and collections leave while they run.
  private List<Path> left() throws IOException {
    List<Path> left = new ArrayList<>();
    for (String kind : List.of("sessions", "condemned", "ended")) {
      Path directory = home.resolve("store").resolve(kind);
      if (Files.isDirectory(directory)) {
        try (Stream<Path> files = Files.list(directory)) {
          files.forEach(left::add);
        }
      }
    }
    try (Stream<Path> files = Files.walk(home)) {
      files.filter(file -> file.getFileName().toString().endsWith(".part")).forEach(left::add);
    } catch (UncheckedIOException e) {
      left.add(home); // what was there went while it was looked at
    }
    return left;
  }

  /// The server collects too, and whoever comes second is refused.
  private void collectAlone() {
    for (int attempt = 0; attempt < 100; attempt++) {
      Command.Answer answer = calco("store", "collect", "--home", home);
      if (answer.exit() == 0 && !answer.out().contains("more will go")) {
        return;
      }
      assertThat(answer.exit()).as(answer.err()).isIn(0, 4);
    }
    throw new AssertionError("a collection waits for an upload that is no more");
  }

  /// What was cut off can be sent again, and what was staged be imported. Then some go.
  private void again(ImageClient client) throws Exception {
    Map<String, String> statuses = client.statuses();
    int queued = 0;
    for (Image image : List.copyOf(images.values())) {
      image.deleting = false;
      String status = statuses.get(image.id);
      if (status.equals("queued") && queued++ % 8 == 0) {
        image.staged = false;
        send(client, image);
        requireContent(client, image);
      } else if (status.equals("uploading")) {
        assertThat(client.importStaged(image.id)).isEqualTo(202);
        client.awaitActive(image.id);
        requireContent(client, image);
        image.staged = false;
      } else if (status.equals("queued")) {
        delete(client, image);
        images.remove(image.id);
      }
      image.stored = true;
    }
    List<Image> left = new ArrayList<>(images.values());
    for (Image image : left.subList(Math.min(DELETES + 10, left.size()), left.size())) {
      delete(client, image);
      images.remove(image.id);
    }
  }

  private static void requireContent(ImageClient client, Image image) throws Exception {
    HttpResponse<byte[]> content = client.download(image.id);
    assertThat(content.statusCode()).as(image.toString()).isEqualTo(200);
    assertThat(Arrays.equals(content.body(), image.content())).as(image.toString()).isTrue();
  }
}
