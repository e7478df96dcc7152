package io.calco.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TestCacheTest {
  private final String name = "self-test-" + UUID.randomUUID();
  private final List<Path> made = new ArrayList<>();

  @AfterEach
  void clean() throws IOException {
    for (Path path : made) {
      Files.deleteIfExists(path);
      Files.deleteIfExists(path.resolveSibling(name + ".lock"));
    }
  }

  @Test
  void makesAFileOnceForAllThreads() throws Exception {
    var times = new AtomicInteger();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < 8; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(() ->
                  TestCache.get(
                      name,
                      target -> {
                        times.incrementAndGet();
                        Files.writeString(target, "made");
                      })));
    }
    for (Thread thread : threads) {
      thread.join();
    }

    Path cached = TestCache.get(name, target -> Files.writeString(target, "again"));
    made.add(cached);
    assertThat(times).hasValue(1);
    assertThat(cached).hasContent("made");
  }

  @Test
  void leavesNothingThatIsHalfMade() {
    assertThatThrownBy(() ->
            TestCache.get(
                name,
                target -> {
                  Files.writeString(target, "half");
                  throw new IOException("no space left");
                }))
        .isInstanceOf(UncheckedIOException.class);

    Path cached = TestCache.get(name, target -> Files.writeString(target, "whole"));
    made.add(cached);
    assertThat(cached).hasContent("whole");
  }
}
