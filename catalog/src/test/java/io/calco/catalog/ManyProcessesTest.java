package io.calco.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Several processes, and several connections, at one catalogue.
class ManyProcessesTest {
  private static final int CLONES = 40;

  @TempDir Path dir;

  /// What the started processes do.
  public static void main(String[] arguments) throws Exception {
    try (Catalog catalog = Catalog.open(Path.of(arguments[0]))) {
      switch (arguments[1]) {
        case "write" -> addClones(catalog, arguments[2]);
        case "hang" -> {
          TemplateVersion version = catalog.allVersions().getFirst();
          catalog.inTransaction(() -> {
            catalog.addClones(List.of(Fixtures.linked("half-made", version)));
            System.out.println("in transaction");
            System.out.flush();
            sleep();
          });
        }
        default -> throw new IllegalArgumentException(arguments[1]);
      }
    }
  }

  private static void sleep() {
    try {
      Thread.sleep(60_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void addClones(Catalog catalog, String prefix) throws IOException {
    TemplateVersion version = catalog.allVersions().getFirst();
    for (int i = 0; i < CLONES; i++) {
      catalog.addClones(List.of(Fixtures.linked(prefix + i, version)));
    }
  }

  private Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(ManyProcessesTest.class.getName());
    command.add(dir.toString());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  @Test
  void writeAtOnce() throws Exception {
    try (Catalog catalog = Catalog.open(dir)) {
      catalog.addVersion("debian12", Fixtures.version(1, "/pool/1.raw"));
      List<Process> writers = List.of(start("write", "a"), start("write", "b"));
      addClones(catalog, "c");
      for (Process writer : writers) {
        assertThat(writer.waitFor()).isZero();
      }
      assertThat(catalog.clones()).hasSize(3 * CLONES);
    }
  }

  @Test
  void aKillInATransactionLeavesNothing() throws Exception {
    Catalog.open(dir).close();
    try (Catalog catalog = Catalog.open(dir)) {
      catalog.addVersion("debian12", Fixtures.version(1, "/pool/1.raw"));
    }
    Process process = start("hang");
    assertThat(process.inputReader().readLine()).isEqualTo("in transaction");
    try (Catalog catalog = Catalog.open(dir)) {
      assertThat(catalog.clones()).as("readers do not wait").isEmpty();
      process.destroyForcibly().waitFor();
      assertThat(catalog.clones()).isEmpty();
      addClones(catalog, "after");
    }
    try (Catalog catalog = Catalog.open(dir)) {
      assertThat(catalog.clones()).hasSize(CLONES);
      assertThat(catalog.findClone("half-made")).isEmpty();
    }
  }

  @RepeatedTest(20)
  void openTheFirstTimeAtOnce() throws Exception {
    int count = 6;
    CountDownLatch ready = new CountDownLatch(count);
    try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
      List<Future<Integer>> opened = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        opened.add(
            threads.submit(() -> {
              ready.countDown();
              ready.await();
              try (Catalog catalog = Catalog.open(dir)) {
                return catalog.templates().size();
              }
            }));
      }
      for (Future<Integer> each : opened) {
        assertThat(each.get()).isZero();
      }
    }
  }

  @Test
  void threadsShareOne() throws Exception {
    try (Catalog catalog = Catalog.open(dir);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      catalog.addVersion("debian12", Fixtures.version(1, "/pool/1.raw"));
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        String prefix = "t" + i + "-";
        all.add(
            threads.submit(() -> {
              addClones(catalog, prefix);
              return null;
            }));
      }
      for (Future<?> each : all) {
        each.get();
      }
      assertThat(catalog.clones()).hasSize(4 * CLONES);
    }
  }
}
