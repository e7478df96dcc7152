package io.calco.server.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.engine.repository.hosted.Hosting;
import io.calco.engine.repository.remote.RemoteRepository;
import io.calco.store.backend.Backend.Quota;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the repositories of a project may take, beside what their files take.
@Timeout(180)
class RepositoryQuotaTest {
  private static final int LIMIT = 320_000;

  @TempDir private Path directory;

  private Hosted hosted;
  private RemoteRepository first;
  private RemoteRepository second;

  @BeforeEach
  void serve() throws IOException {
    hosted = new Hosted(directory, Hosting.Deleting.MEMBERS, OptionalLong.of(LIMIT));
    first = hosted.open("first", "lab-member");
    second = hosted.open("second", "lab-member");
  }

  @AfterEach
  void end() throws IOException {
    end(first, second);
    hosted.close();
  }

  private static void end(RemoteRepository... all) {
    for (RemoteRepository each : all) {
      each.close();
    }
  }

  private static void put(RemoteRepository to, String name, int length) throws IOException {
    to.put(name, List.of(MemorySegment.ofArray(new byte[length])));
  }

  /// The bytes of all files of the project, as the file system has them.
  private long onDisk() throws IOException {
    try (Stream<Path> all = Files.walk(hosted.place("lab", "first").getParent())) {
      return all.filter(Files::isRegularFile).mapToLong(RepositoryQuotaTest::size).sum();
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void isCounted() throws IOException {
    assertThat(first.quota()).contains(new Quota(LIMIT, onDisk()));
    assertThat(second.quota()).isEqualTo(first.quota());
  }

  @Test
  void whatWouldGoOverItIsRefused() throws IOException {
    put(first, "packs/00/a", 200_000);
    put(second, "packs/00/a", 100_000);
    assertThatThrownBy(() -> put(second, "packs/00/b", 20_001))
        .isInstanceOf(FileSystemException.class)
        .hasMessage(
            second.place()
                + "/packs/00/b: the server refuses it: The repositories of the project may have 320000"
                + " bytes, and have 300000: 20001 more do not fit. (status 413)");
    isCounted();
    put(second, "packs/00/b", 20_000);
    isCounted();
    try (RemoteRepository others = hosted.open("first", "other-member")) {
      put(others, "packs/00/a", 300_000);
      assertThat(others.quota()).contains(new Quota(LIMIT, 300_000));
    }
  }

  /// A session, an index: not content.
  @Test
  void whatPruningPutsMayGoOverItALittle() throws IOException {
    put(first, "packs/00/a", LIMIT);
    put(first, "sessions/x", 9_000);
    assertThatThrownBy(() -> put(first, "index/x", 2_000)).isInstanceOf(FileSystemException.class);
    put(first, "index/x", 1_000);
    try (RemoteRepository administrators = hosted.open("first", "lab-admin")) {
      put(administrators, "packs/00/b", 100_000);
    }
    isCounted();
    first.deleteAll(List.of("packs/00/a", "packs/00/b", "packs/00/none"));
    first.delete("sessions/x");
    isCounted();
    put(first, "packs/00/c", LIMIT - 1_000);
  }

  @Test
  void replacedAndKeptAreCounted() throws IOException {
    put(first, "roots/r", 100);
    put(first, "roots/r", 70);
    isCounted();
    put(first, "append-only", 0);
    put(first, "roots/r", 50);
    put(first, "roots/r", 50);
    assertThat(onDisk()).isEqualTo(120);
    isCounted();
  }

  @Test
  void isCountedAnewAfterAStart() throws IOException {
    put(first, "packs/00/a", 200_000);
    int port = hosted.port();
    Path file = hosted.place("lab", "first").resolve("packs/00/b");
    hosted.stop();
    Files.write(file, new byte[50_000]);
    hosted.start(port);
    end(first, second);
    first = hosted.open("first", "lab-member");
    second = hosted.open("second", "lab-member");
    isCounted();
    assertThatThrownBy(() -> put(first, "packs/00/c", 70_001))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("have 250000");
  }

  /// Eight at once, of which three fit.
  @Test
  void putsSideBySideStayWithinIt() throws Exception {
    List<CompletableFuture<Boolean>> puts = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (int i = 0; i < 8; i++) {
        String name = "packs/00/" + i;
        RemoteRepository to = i % 2 == 0 ? first : second;
        puts.add(
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    put(to, name, 100_000);
                    return true;
                  } catch (IOException e) {
                    return false;
                  }
                },
                threads));
      }
    }
    long done = puts.stream().filter(CompletableFuture::join).count();
    assertThat(done).isBetween(1L, 3L);
    assertThat(onDisk()).isEqualTo(done * 100_000);
    isCounted();
  }
}
