package io.calco.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.JobContext;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// A verification beside uploads, removals and collections finds nothing amiss.
class VerifyBesideTest {
  private static final int VERIFICATIONS = 60;

  private final FaultyBackend backend = new FaultyBackend();
  private final AtomicBoolean stop = new AtomicBoolean();

  private interface Work {
    void run(Store store) throws IOException;
  }

  private CompletableFuture<Void> repeat(ExecutorService threads, Work work) {
    return CompletableFuture.runAsync(
        () -> {
          try (Store store = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
            while (!stop.get()) {
              work.run(store);
            }
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        },
        threads);
  }

  @Test
  void isSound() throws Exception {
    Stores.create(backend).close();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CompletableFuture<Void> collecting =
          repeat(threads, store -> store.collect(JobContext.SILENT));
      CompletableFuture<Void> adding = repeat(threads, new Adding(1)::next);
      CompletableFuture<Void> addingToo = repeat(threads, new Adding(2)::next);
      try {
        for (int i = 0; i < VERIFICATIONS; i++) {
          StoreReport report = Store.verify(backend, StoreKey.none(), JobContext.SILENT);
          assertThat(report.damages()).isEmpty();
          assertThat(report.losses()).isEmpty();
          Thread.sleep(i % 7);
        }
      } finally {
        stop.set(true);
      }
      CompletableFuture.allOf(collecting, adding, addingToo).join();
    }
  }

  /// Adds disks that share much of their content, and removes the older ones.
  private static final class Adding {
    private final int number;
    private final Random random;
    private int count;

    Adding(int number) {
      this.number = number;
      this.random = new Random(number);
    }

    void next(Store store) throws IOException {
      byte[] content = new byte[150_000];
      new Random(9).nextBytes(content);
      byte[] own = new byte[20_000];
      random.nextBytes(own);
      System.arraycopy(own, 0, content, random.nextInt(100_000), own.length);
      Stores.add(store, number + "-" + count, Stores.disk(content));
      store.removeRoot(number + "-" + (count - 3));
      count++;
    }
  }
}
