package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Backups on another Calco, by commands; the server is a process of its own.
@Timeout(600)
class RepositoryOnServerTest {
  private static final int MIB = 1 << 20;
  private static final Pattern PACK = Pattern.compile(".*/packs/../[0-9a-f]{64}");
  private static final String MARK = "nobody-there-can-read-this";
  private static final Map<String, String> ENVIRONMENT =
      Map.of("CALCO_ADMIN_PASSWORD", "first", "CALCO_ACCESS_LOG", "off", "CALCO_LIBVIRT", "off");

  @TempDir private Path directory;

  private Serving serving;
  private Path passphrase;
  private String address;

  /// A server; killed, and begun again at the same port.
  private final class Serving implements Closeable {
    private Process process;
    private int port;

    Serving() throws IOException {
      begin();
    }

    void begin() throws IOException {
      process =
          Command.listening(
              ENVIRONMENT,
              "serve",
              "--listen",
              "127.0.0.1:" + port,
              "--tls",
              "self-made",
              "--home",
              directory.resolve("server"),
              "--set",
              "repositories-directory=" + kept(),
              "--set",
              "store-reserve=0");
      String told = process.inputReader().readLine();
      assertThat(told).as("the server starts").startsWith("https://");
      port = Integer.parseInt(told.replaceAll(".*:(\\d+).*", "$1"));
    }

    void kill() {
      process.destroyForcibly();
      try {
        process.waitFor();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void close() {
      kill();
    }
  }

  private Path kept() {
    return directory.resolve("kept");
  }

  @BeforeEach
  void serve() throws IOException {
    serving = new Serving();
    Path credentials =
        Files.writeString(
            directory.resolve("rc"),
            "export OS_USERNAME=admin\nexport OS_PASSWORD=first\nexport OS_PROJECT_NAME=admin\n");
    passphrase = Files.writeString(directory.resolve("passphrase"), "correct horse\n");
    Path authority = directory.resolve("server/tls/self-made.crt");
    address =
        "calco://127.0.0.1:%d/far?credentials=%s&ca=%s"
            .formatted(serving.port, credentials, authority);
  }

  @AfterEach
  void end() {
    serving.close();
  }

  private Command.Answer onFar(Object... words) {
    return calco(
        Stream.concat(
                Stream.of(words),
                Stream.of("--repo", address, "--repo-passphrase-file", passphrase))
            .toArray());
  }

  private Path disk(int mib, long seed) throws IOException {
    byte[] content = new byte[mib * MIB];
    new Random(seed).nextBytes(content);
    byte[] mark = MARK.repeat(1000).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(mark, 0, content, MIB, mark.length);
    Arrays.fill(content, 2 * MIB, 6 * MIB, (byte) 0);
    return Files.write(directory.resolve("disk.raw"), content);
  }

  private void comesBack(Path disk) throws IOException {
    Path back = directory.resolve("back.raw");
    onFar("restore", "--verify", "latest", back).exits(0);
    Oracle.named("cmp").run(disk, back).succeeds();
    Oracle.named("qemu-img").run("compare", "-f", "raw", "-F", "raw", disk, back).succeeds();
    Files.delete(back);
  }

  @Test
  void aDiskGoesThereAndComesBack() throws IOException {
    assertThat(
            calco("repo", "init", "--encrypt", "--repo-passphrase-file", passphrase, address)
                .exits(0)
                .err())
        .isEqualTo(address + ": made, encrypted\n");
    Path disk = disk(24, 1);
    onFar("backup", "create", disk).exits(0);
    assertThat(onFar("backup", "verify").exits(0).out()).contains("all is as it was written");
    comesBack(disk);
    assertThat(onFar("repo", "status").exits(0).out()).contains("encrypted");

    // The mark is the server's law for members, and a mistake's guard for its administrators.
    onFar("repo", "set", "--append-only").exits(0);
    onFar("repo", "set", "--append-only").exits(0);
    onFar("backup", "create", disk).exits(0);
    assertThat(onFar("backup", "forget", "--yes", "latest").err()).contains("is append-only");
    onFar("repo", "set", "--no-append-only").exits(0);
    onFar("backup", "forget", "--yes", "latest").exits(0);
    onFar("backup", "prune").exits(0);

    // From a repository here to there, and back to another disk's repository.
    Path near = directory.resolve("near");
    calco("repo", "init", near).exits(0);
    calco("backup", "create", "--repo", near, disk).exits(0);
    calco("backup", "copy", "--repo", near, "--to", address, "--to-passphrase-file", passphrase)
        .exits(0);
    assertThat(Oracle.named("grep").run("-r", "-l", MARK, kept()).out()).isEmpty();
    assertThat(
            calco("store", "status", "--store", address, "--passphrase-file", passphrase)
                .exits(0)
                .out())
        .contains("calco://127.0.0.1:");
  }

  @Test
  void aServerThatNobodyVouchesForIsRefused() throws IOException {
    String unknown = address.replaceAll("&ca=.*", "&tls=on");
    assertThat(calco("repo", "init", unknown).exits(8).err())
        .startsWith("calco: calco://127.0.0.1:")
        .contains("the server's certificate is not trusted")
        .hasLineCount(1);
    assertThat(calco("repo", "init", unknown.replace("tls=on", "tls=off")).exit()).isNotZero();
    assertThat(kept()).isEmptyDirectory();
  }

  @Test
  void aPlanKeepsACopyThere() throws IOException {
    Path near = directory.resolve("near");
    Path home = directory.resolve("home");
    calco("repo", "init", near).exits(0);
    calco("repo", "init", "--repo-passphrase-file", passphrase, address).exits(0);
    calco(
            "plan",
            "add",
            "web",
            "--source",
            disk(8, 2) + ",machine=web",
            "--to",
            near + ",medium=usb",
            "--copy-to",
            address + ",medium=cloud,off-site,passphrase-file=" + passphrase,
            "--home",
            home)
        .exits(0);
    calco("plan", "run", "web", "--home", home).exits(0);
    List<String> board = calco("plan", "status", "--home", home).exits(0).out().lines().toList();
    assertThat(board).anyMatch(row -> row.contains("web") && row.matches(".*\\b3\\b.*\\b1\\b.*"));
    assertThat(onFar("backup", "list").exits(0).out()).contains("web");
  }

  /// The server is killed amid a backup, twice, and served again: the backup goes on.
  @Test
  void aBackupOutlivesTheServer() throws Exception {
    calco("repo", "init", "--repo-passphrase-file", passphrase, address).exits(0);
    Path disk = disk(130, 3);
    AtomicInteger kills = new AtomicInteger();
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      AtomicBoolean ended = new AtomicBoolean();
      Future<Void> killer =
          threads.submit(() -> {
            for (int i = 1; i <= 2 && untilPacks(i, ended); i++) {
              serving.kill();
              kills.incrementAndGet();
              serving.begin();
            }
            return null;
          });
      try {
        onFar("backup", "create", disk).exits(0);
      } finally {
        ended.set(true);
        killer.get();
      }
    }
    assertThat(kills.get()).isPositive();
    onFar("backup", "verify").exits(0);
    comesBack(disk);
  }

  private boolean untilPacks(int count, AtomicBoolean ended)
      throws IOException, InterruptedException {
    while (!ended.get()) {
      try (Stream<Path> files = Files.walk(kept())) {
        if (files.filter(file -> PACK.matcher(file.toString()).matches()).count() >= count) {
          return true;
        }
      } catch (UncheckedIOException changing) {
        // A file was renamed while it was looked at.
      }
      Thread.sleep(20);
    }
    return false;
  }
}
