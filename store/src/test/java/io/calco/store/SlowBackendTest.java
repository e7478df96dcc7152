package io.calco.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.JobContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A store whose objects are far away, as in a bucket: it works, and asks as seldom as it may.
class SlowBackendTest {
  private static final int CHUNK = 64 << 10;
  private static final int CHUNKS = 64;
  private static final Duration DELAY = Duration.ofMillis(4);

  private static byte[] noise(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static Store store(SlowBackend backend) throws IOException {
    Store.create(backend, NewStore.plain().withChunkLength(CHUNK));
    return Store.open(backend, StoreKey.none(), StoreOptions.defaults());
  }

  private static void add(Store store, String name, byte[] content) throws IOException {
    try (Upload upload = store.beginUpload()) {
      ChunkId blob = upload.addBlob(new ByteArrayInputStream(content), JobContext.SILENT);
      upload.commit(name, Stores.part(blob), "{}");
    }
  }

  @Test
  void asksAsSeldomAsItMay() throws Exception {
    SlowBackend backend = new SlowBackend(new FaultyBackend(), DELAY);
    byte[] content = noise(1, CHUNK * CHUNKS);
    try (Store store = store(backend)) {
      backend.takeCalls();
      add(store, "first", content);
      assertThat(backend.takeCalls()).as("calls of an upload, not of its pieces").isLessThan(12);
      add(store, "same", content);
      assertThat(backend.takeCalls()).as("calls of one that is there already").isLessThan(16);
      StoredBlob blob = store.openBlob(store.findRoot("first").orElseThrow().parts().get("disk"));
      backend.takeCalls();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      blob.writeTo(Channels.newChannel(out), 0, blob.size());
      assertThat(out.toByteArray()).isEqualTo(content);
      assertThat(backend.takeCalls()).as("calls of a download, not of its pieces").isLessThan(12);
      assertThat(backend.most()).as("chunks are fetched ahead").isGreaterThan(1);
    }
    backend.takeCalls();
    assertThat(Store.verify(backend, StoreKey.none(), JobContext.SILENT).sound()).isTrue();
    assertThat(backend.takeCalls()).as("calls of a verification").isLessThan(40);
  }

  @Test
  void whoBeginAtOnceDoNotQueue() throws Exception {
    SlowBackend backend = new SlowBackend(new FaultyBackend(), DELAY);
    int uploads = 60;
    try (Store store = store(backend);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      backend.takeCalls();
      List<CompletableFuture<Upload>> begun = new ArrayList<>();
      for (int i = 0; i < uploads; i++) {
        begun.add(CompletableFuture.supplyAsync(() -> begin(store), threads));
      }
      for (CompletableFuture<Upload> upload : begun) {
        upload.join();
      }
      assertThat(backend.takeCalls())
          .as("each says that it is there; few look for all")
          .isLessThan(uploads + 20);
      store.collect(JobContext.SILENT);
      for (CompletableFuture<Upload> upload : begun) {
        upload.join().close();
      }
      assertThat(store.collect(JobContext.SILENT).awaitedSessions()).isZero();
    }
    assertThat(backend.list("sessions/")).isEmpty();
  }

  /// More end at once than packs are put at once.
  @Test
  @Timeout(60)
  void whoEndAtOnceAllEnd() throws Exception {
    SlowBackend backend = new SlowBackend(new FaultyBackend(), DELAY);
    int uploads = 40;
    try (Store store = store(backend);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < uploads; i++) {
        int number = i;
        all.add(
            threads.submit(() -> {
              add(store, "u" + number, noise(number, CHUNK + number));
              return number;
            }));
      }
      for (Future<?> one : all) {
        one.get();
      }
      assertThat(store.listRoots()).hasSize(uploads);
    }
    assertThat(Store.verify(backend, StoreKey.none(), JobContext.SILENT).sound()).isTrue();
  }

  private static Upload begin(Store store) {
    try {
      return store.beginUpload();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
