package io.calco.cli;

import static io.calco.cli.Command.calco;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.Home;
import io.calco.engine.store.StoreSecret;
import io.calco.server.CalcoServer;
import io.calco.server.ServerSettings;
import io.calco.server.http.ListenAddress;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `calco store` beside a server.
class StoreCommandTest {
  private static final String PASSWORD = "first";
  private static final int IMAGE = 3 << 20;

  @TempDir private Path directory;

  private Path home;
  private Path passphrase;

  @BeforeEach
  void files() throws IOException {
    home = directory.resolve("home");
    passphrase = Files.writeString(directory.resolve("pass"), "correct horse\n");
  }

  private CalcoServer serve(StoreSecret secret) throws IOException {
    ServerSettings settings =
        ServerSettings.at(new ListenAddress("127.0.0.1", 0)).withFirstPassword(PASSWORD);
    return CalcoServer.open(new Home(home), settings.with(settings.store().with(secret)));
  }

  private StoreSecret secret() throws IOException {
    return StoreSecret.of(Map.of(StoreSecret.VARIABLE, passphrase.toString()));
  }

  private static byte[] noise(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static String add(ImageClient client, String name, byte[] content) throws Exception {
    String id = UUID.randomUUID().toString();
    assertThat(client.create(id, name)).isEqualTo(201);
    assertThat(client.upload(id, BodyPublishers.ofByteArray(content)).statusCode()).isEqualTo(204);
    return id;
  }

  private JsonNode json(int exit, Object... words) {
    Object[] all = Arrays.copyOf(words, words.length + 4);
    System.arraycopy(new Object[] {"--output", "json", "--home", home}, 0, all, words.length, 4);
    return new JsonMapper().readTree(calco(all).exits(exit).out());
  }

  @Test
  void countsCollectsAndVerifiesBesideAServer() throws Exception {
    byte[] one = noise(1, IMAGE);
    byte[] two = one.clone();
    System.arraycopy(noise(2, 1 << 20), 0, two, 0, 1 << 20);
    try (CalcoServer server = serve(StoreSecret.none());
        ImageClient client = new ImageClient(server.address(), PASSWORD)) {
      add(client, "one", one);
      String second = add(client, "two", two);
      String gone = add(client, "gone", noise(3, IMAGE));
      assertThat(client.delete(gone)).isEqualTo(204);

      JsonNode status = json(0, "store", "status", "--images");
      assertThat(status.path("images").asInt()).isEqualTo(2);
      assertThat(status.path("size").asLong()).isEqualTo(2L * IMAGE);
      assertThat(status.path("deduplicated-bytes").asLong()).isEqualTo(2 << 20);
      assertThat(status.path("garbage-bytes").asLong()).isBetween((long) IMAGE, IMAGE + 20_000L);
      assertThat(status.path("encrypted").asBoolean()).isFalse();
      JsonNode dearest = status.path("contents").path(0);
      assertThat(dearest.path("own-size").asLong()).isBetween(1L << 20, (1L << 20) + 2000);
      String text = calco("store", "status", "--images", "--home", home).exits(0).out();
      assertThat(text).contains("2, 6 MiB", "2 MiB by deduplication", "two (" + second + ")");

      long plan = json(0, "store", "collect", "-n").path("freed-bytes").asLong();
      assertThat(plan).isBetween((long) IMAGE, IMAGE + 20_000L);
      assertThat(json(0, "store", "collect").path("deleted-bytes").asLong()).isEqualTo(plan);
      assertThat(calco("store", "collect", "--dry-run", "--home", home).exits(0).out())
          .isEqualTo(
              """
              To delete:  0 packs, 0 B
              To rewrite: 0 packs, 0 B, of which 0 B are needed
              Free then:  0 B
              """);
      assertThat(calco("store", "verify", "--home", home).exits(0).out())
          .matches("Read 2 packs, \\d+ pieces, .* MiB: all is as it was written\\.\n");
      assertThat(client.download(second).body()).isEqualTo(two);
      assertThat(calco("store", "key", "list", "--home", home).exits(4).err())
          .contains("is not encrypted, and has no keys");
      assertThat(
              calco("store", "status", "--home", home, "--passphrase-file", passphrase)
                  .exits(4)
                  .err())
          .contains("the store is not encrypted, but a passphrase is given for it");
    }
  }

  private List<Path> objects(String kind) throws IOException {
    try (Stream<Path> files = Files.walk(home.resolve("store").resolve(kind))) {
      return files
          .filter(Files::isRegularFile)
          .sorted(Comparator.comparingLong(file -> -file.toFile().length()))
          .toList();
    }
  }

  private static void flip(Path file, long at) throws IOException {
    try (var bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(at);
      int was = bytes.read();
      bytes.seek(at);
      bytes.write(was ^ 4);
    }
  }

  @Test
  void namesTheImagesThatSufferAndMendsThem() throws Exception {
    byte[] content = noise(5, IMAGE);
    Path copy = directory.resolve("copy");
    try (CalcoServer server = serve(StoreSecret.none());
        ImageClient client = new ImageClient(server.address(), PASSWORD)) {
      String hurt = add(client, "hurt", content);
      add(client, "whole", noise(6, 1 << 20));
      Oracle.named("cp").run("-R", home.resolve("store"), copy).succeeds();
      flip(objects("packs").getFirst(), 1_000_000);

      Command.Answer found = calco("store", "verify", "--home", home).exits(2);
      assertThat(found.out())
          .contains("hurt (" + hurt + "): 512 KiB lost", "1 image has lost content")
          .doesNotContain("whole");
      JsonNode json = json(2, "store", "verify");
      assertThat(json.path("sufferers").path(0).path("image").asString("")).isEqualTo(hurt);
      assertThat(json.path("sufferers").path(0).path("lost-bytes").asLong()).isEqualTo(512 << 10);
      calco("store", "repair", "--home", home).exits(2);
      assertThat(calco("store", "repair", "--from", directory, "--home", home).exits(1).err())
          .contains("there is no store");
      calco("store", "repair", "--from", home, "--home", home).exits(1);
      assertThat(calco("store", "repair", "--from", copy, "--home", home).exits(0).out())
          .contains("all is as it was written");
      assertThat(client.download(hurt).body()).isEqualTo(content);

      flip(objects("index").getFirst(), 100);
      calco("store", "verify", "--home", home).exits(3);
      Files.delete(objects("index").getFirst());
      assertThat(calco("store", "rebuild-index", "--home", home).exits(0).out())
          .matches("The index tells of \\d packs with \\d+ pieces\\.\n");
      calco("store", "verify", "--home", home).exits(0);
      assertThat(client.download(hurt).body()).isEqualTo(content);
    }
  }

  @Test
  void anEncryptedHomeOpensByItsKeysOnly() throws Exception {
    byte[] content = "a line that is easily found ".repeat(40_000).getBytes(UTF_8);
    calco("store", "init", "--encrypt", "--passphrase-file", passphrase, "--home", home).exits(0);
    String id;
    try (StoreSecret secret = secret();
        CalcoServer server = serve(secret);
        ImageClient client = new ImageClient(server.address(), PASSWORD)) {
      id = add(client, "secret", content);
    }
    try (Stream<Path> files = Files.walk(home.resolve("store"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1))
            .doesNotContain("easily");
      }
    }
    Command.Answer refused = calco("serve", "--listen", "127.0.0.1:0", "--home", home).exits(6);
    assertThat(refused.err().lines().findFirst())
        .hasValue(
            "calco: %s/store: the store is encrypted, and no passphrase is given".formatted(home));
    Path wrong = Files.writeString(directory.resolve("wrong"), "another\n");
    calco("store", "status", "--home", home, "--passphrase-file", wrong).exits(6);

    Path second = Files.writeString(directory.resolve("second"), "battery staple\n");
    key("add", "--new-passphrase-file", second, "--label", "ana", "--passphrase-file", passphrase);
    String recovery = key("recovery", "--passphrase-file", second).out();
    Path paper =
        Files.writeString(directory.resolve("paper"), recovery.toUpperCase(java.util.Locale.ROOT));
    String listed = key("list", "--passphrase-file", paper).out();
    assertThat(listed).contains("first", "ana");
    String first = listed.lines().filter(line -> line.endsWith("first")).findFirst().orElseThrow();
    key("remove", first.substring(0, 8), "--yes", "--passphrase-file", second);
    String left =
        key("list", "--passphrase-file", second).out().lines().skip(1).findFirst().orElseThrow();
    assertThat(
            calco(
                    "store",
                    "key",
                    "remove",
                    left.substring(0, 8),
                    "--yes",
                    "--passphrase-file",
                    second,
                    "--home",
                    home)
                .exits(4)
                .err())
        .contains("the last key stays");
    assertThat(calco("store", "verify", "--home", home, "--passphrase-file", paper).exits(0).out())
        .contains("all is as it was written");

    passphrase = paper;
    try (StoreSecret secret = secret();
        CalcoServer server = serve(secret);
        ImageClient client = new ImageClient(server.address(), PASSWORD)) {
      assertThat(client.download(id).body()).isEqualTo(content);
    }
  }

  private Command.Answer key(Object... words) {
    return calco(
            Stream.of(List.of("store", "key"), List.of(words), List.of("--home", home))
                .flatMap(List::stream)
                .toArray())
        .exits(0);
  }

  @Test
  void refusesInOneLine() throws Exception {
    assertThat(calco("store", "status", "--home", home).exits(3).err())
        .contains("there is no store yet", "calco serve makes one");
    assertThat(calco("store", "init", "--encrypt", "--home", home).exits(2).err())
        .contains("--encrypt needs a passphrase");
    Path empty = Files.writeString(directory.resolve("empty"), "\n");
    assertThat(calco("store", "init", "--passphrase-file", empty, "--home", home).exits(2).err())
        .contains("is empty");
    calco("store", "init", "--home", home).exits(0);
    assertThat(calco("store", "init", "--home", home).exits(4).err())
        .contains("there is a store already");
    assertThat(calco("store", "verify", "--help").exits(0).out())
        .contains("Examples:", "calco store verify", "images have lost content");
    assertThat(calco("store").exits(0).out()).contains("rebuild-index");
  }
}
