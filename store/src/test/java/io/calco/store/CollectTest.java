package io.calco.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.JobContext;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class CollectTest {
  private static byte[] noise(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static void checkAll(FaultyBackend backend, Map<String, byte[]> wanted)
      throws IOException {
    try (Store store = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
      assertThat(store.listRoots()).extracting(Root::name).hasSameElementsAs(wanted.keySet());
      for (Root root : store.listRoots()) {
        assertThat(Stores.read(store, root)).isEqualTo(wanted.get(root.name()));
      }
    }
  }

  @Test
  void deletesWhatNothingLeadsTo() throws Exception {
    FaultyBackend backend = new FaultyBackend();
    byte[] kept = noise(1, 500_000);
    try (Store store = Stores.create(backend)) {
      Stores.add(store, "kept", Stores.disk(kept));
      long before = backend.bytes("packs/");
      Stores.add(store, "gone", Stores.disk(noise(2, 700_000)));
      store.removeRoot("gone");
      CollectionReport report = store.collect(JobContext.SILENT);
      assertThat(report.deletedPacks()).isEqualTo(1);
      assertThat(report.awaitedSessions()).isZero();
      assertThat(backend.bytes("packs/")).isEqualTo(before);
      assertThat(backend.bytes("condemned/")).isZero();
      assertThat(backend.bytes("sessions/")).isZero();
      assertThat(store.collect(JobContext.SILENT)).isEqualTo(new CollectionReport(0, 0, 0, 0, 0));
    }
    checkAll(backend, Map.of("kept", kept));
  }

  @Test
  void rewritesWhatIsMostlyGarbage() throws Exception {
    FaultyBackend backend = new FaultyBackend();
    byte[] large = noise(3, 1_000_000);
    byte[] small = java.util.Arrays.copyOf(large, 200_000);
    try (Store store = Stores.create(backend)) {
      Stores.add(store, "large", Stores.disk(large));
      Stores.add(store, "small", Stores.disk(small));
      store.removeRoot("large");
      CollectionReport report = store.collect(JobContext.SILENT);
      assertThat(report.movedBytes()).isPositive();
      assertThat(backend.bytes("packs/")).isLessThan(230_000);
    }
    checkAll(backend, Map.of("small", small));
  }

  @Test
  void sparesWhatARunningUploadHasFound() throws Exception {
    FaultyBackend backend = new FaultyBackend();
    byte[] content = noise(4, 600_000);
    try (Store one = Stores.create(backend);
        Store other = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
      Stores.add(one, "old", Stores.disk(content));
      try (Upload upload = other.beginUpload()) {
        ChunkId disk = upload.addDisk(Stores.disk(content), JobContext.SILENT);
        one.removeRoot("old");
        CollectionReport waiting = one.collect(JobContext.SILENT);
        assertThat(waiting.deletedPacks()).isZero();
        assertThat(waiting.awaitedSessions()).isEqualTo(1);
        // Who begins now must not rest on what is condemned.
        byte[] again = java.util.Arrays.copyOf(content, 300_000);
        Stores.add(one, "again", Stores.disk(again));
        upload.commit("new", Stores.part(disk), "");
      }
      one.collect(JobContext.SILENT);
      assertThat(backend.bytes("condemned/")).isZero();
    }
    checkAll(backend, Map.of("new", content, "again", java.util.Arrays.copyOf(content, 300_000)));
  }

  /// A root that is put between the marking and the list, by an upload that ends before anybody
  /// could wait for it.
  @Test
  void sparesWhatWasNamedBesideTheMarking() throws Exception {
    FaultyBackend backend = new FaultyBackend();
    byte[] content = noise(4, 600_000);
    byte[] kept = noise(5, 100_000);
    try (Store one = Stores.create(backend);
        Store other = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
      Stores.add(one, "kept", Stores.disk(kept));
      Stores.add(one, "old", Stores.disk(content));
      Stores.add(one, "gone", Stores.disk(noise(6, 300_000)));
      Upload upload = other.beginUpload();
      ChunkId disk = upload.addDisk(Stores.disk(content), JobContext.SILENT);
      one.removeRoot("old");
      one.removeRoot("gone");
      AtomicBoolean named = new AtomicBoolean();
      CollectionReport report =
          one.collect((step, done, total) -> {
            if (!named.getAndSet(true)) {
              try (upload) {
                upload.commit("new", Stores.part(disk), "");
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }
          });
      assertThat(named).isTrue();
      assertThat(report.deletedPacks()).isEqualTo(1);
      assertThat(backend.bytes("condemned/")).isZero();
    }
    checkAll(backend, Map.of("new", content, "kept", kept));
  }

  /// Cut between the list and who is awaited: the next collection ends what it finds, alone as it
  /// is.
  @Test
  void endsAnotherThatWasKilled() throws Exception {
    for (int cut = 0; cut < 12; cut++) {
      FaultyBackend backend = new FaultyBackend();
      try (Store store = Stores.create(backend)) {
        Stores.add(store, "gone", Stores.disk(noise(2, 700_000)));
        store.removeRoot("gone");
        backend.cutAfter(cut, false);
        try {
          store.collect(JobContext.SILENT);
        } catch (IOException killed) {
          assertThat(killed).hasMessageContaining("cut off");
        }
      } catch (IOException killed) {
        assertThat(killed).hasMessageContaining("cut off");
      }
      FaultyBackend next = backend.reopened();
      for (String session : java.util.List.copyOf(next.objects().keySet())) {
        if (session.startsWith(Session.PREFIX)) {
          next.delete(session); // as the mark of a process that has ended has it
        }
      }
      try (Store store = Store.open(next, StoreKey.none(), StoreOptions.defaults())) {
        assertThat(store.collect(JobContext.SILENT).awaitedSessions()).as("cut %d", cut).isZero();
      }
      assertThat(next.bytes("condemned/")).as("cut %d", cut).isZero();
      assertThat(next.bytes("packs/")).as("cut %d", cut).isZero();
    }
  }

  @Test
  void oneCollectionAtATime() throws Exception {
    FaultyBackend backend = new FaultyBackend();
    try (Store store = Stores.create(backend);
        Store other = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
      other.sessions().begin(Session.Purpose.COLLECTION);
      assertThatThrownBy(() -> store.collect(JobContext.SILENT))
          .hasMessageContaining("another collection");
    }
  }

  @Test
  void cutAnywhereLosesNothing() {
    Seeds.run(
        6,
        random -> {
          FaultyBackend base = new FaultyBackend();
          Map<String, byte[]> wanted = new HashMap<>();
          byte[] shared = Stores.content(random, 150_000);
          try (Store store = Stores.create(base)) {
            for (int i = 0; i < 4; i++) {
              byte[] content = shared.clone();
              System.arraycopy(noise(random.nextInt(), 30_000), 0, content, i * 9000, 30_000);
              Stores.add(store, "disk" + i, Stores.disk(content));
              wanted.put("disk" + i, content);
            }
          }
          long steps = 0;
          for (long cut = 0; cut <= steps; cut++) {
            for (boolean done : new boolean[] {false, true}) {
              FaultyBackend backend = base.reopened();
              backend.cutAfter(cut == 0 && !done ? Long.MAX_VALUE - 1 : cut, done);
              long before = backend.changes();
              Map<String, byte[]> acknowledged = new HashMap<>(wanted);
              Map<String, byte[]> perhaps = new HashMap<>();
              work(backend, random.nextInt(), acknowledged, perhaps);
              steps = Math.max(steps, backend.changes() - before);
              checkAfterCut(backend.reopened(), acknowledged, perhaps);
            }
          }
        });
  }

  /// Deletes, collects and adds until it is cut off; notes what was acknowledged.
  private static void work(
      FaultyBackend backend,
      int seed,
      Map<String, byte[]> acknowledged,
      Map<String, byte[]> perhaps) {
    byte[] added = acknowledged.get("disk3").clone();
    System.arraycopy(noise(seed, 40_000), 0, added, 50_000, 40_000);
    try (Store store = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
      perhaps.put("disk0", acknowledged.remove("disk0"));
      store.removeRoot("disk0");
      perhaps.remove("disk0");
      perhaps.put("disk1", acknowledged.remove("disk1"));
      store.removeRoot("disk1");
      perhaps.remove("disk1");
      try (Upload upload = store.beginUpload()) {
        ChunkId disk = upload.addDisk(Stores.disk(added), JobContext.SILENT);
        store.collect(JobContext.SILENT);
        perhaps.put("added", added);
        upload.commit("added", Stores.part(disk), "");
        perhaps.remove("added");
        acknowledged.put("added", added);
      }
      store.collect(JobContext.SILENT);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("cut off");
    }
  }

  private static void checkAfterCut(
      FaultyBackend backend, Map<String, byte[]> acknowledged, Map<String, byte[]> perhaps)
      throws IOException {
    for (int round = 0; round < 2; round++) {
      try (Store store = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
        Map<String, byte[]> found = new HashMap<>();
        for (Root root : store.listRoots()) {
          found.put(root.name(), Stores.read(store, root));
        }
        acknowledged.forEach((name, bytes) -> assertThat(found.get(name)).isEqualTo(bytes));
        found.forEach((name, bytes) ->
            assertThat(acknowledged.getOrDefault(name, perhaps.get(name))).isEqualTo(bytes));
        // What the cut left is no hindrance: its sessions are ours by mark, so they wait.
        backend.objects().keySet().removeIf(name -> name.startsWith("sessions/"));
        store.collect(JobContext.SILENT);
      }
    }
  }

  @Test
  void uploadsAndCollectionsSideBySide() throws Exception {
    FaultyBackend backend = new FaultyBackend();
    Stores.create(backend).close();
    AtomicBoolean stop = new AtomicBoolean();
    byte[] shared = noise(9, 300_000);
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    CompletableFuture<Void> collector =
        CompletableFuture.runAsync(
            () -> {
              try (Store store = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
                while (!stop.get()) {
                  store.collect(JobContext.SILENT);
                }
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            },
            threads);
    CompletableFuture<?>[] uploaders = new CompletableFuture<?>[4];
    for (int u = 0; u < uploaders.length; u++) {
      int number = u;
      uploaders[u] =
          CompletableFuture.runAsync(() -> addAndRemove(backend, number, shared), threads);
    }
    try {
      CompletableFuture.allOf(uploaders).join();
    } finally {
      stop.set(true);
    }
    collector.join();
    threads.close();
    try (Store store = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
      assertThat(store.listRoots()).isEmpty();
      store.collect(JobContext.SILENT);
      assertThat(backend.bytes("packs/")).isZero();
    }
  }

  /// Adds, reads and removes disks that share most of their content with those of others.
  private static void addAndRemove(FaultyBackend backend, int number, byte[] shared) {
    Random random = new Random(number);
    try (Store store = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
      for (int i = 0; i < 25; i++) {
        byte[] content = shared.clone();
        int at = random.nextInt(60) * 4096;
        System.arraycopy(noise(random.nextInt(8), 40_000), 0, content, at, 40_000);
        String name = "u" + number + "-" + i;
        Root root = Stores.add(store, name, Stores.disk(content));
        assertThat(Stores.read(store, root)).isEqualTo(content);
        if (i >= 2) {
          String old = "u" + number + "-" + (i - 2);
          Root oldRoot = store.findRoot(old).orElseThrow();
          Stores.read(store, oldRoot);
          store.removeRoot(old);
        }
      }
      store.removeRoot("u" + number + "-23");
      store.removeRoot("u" + number + "-24");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aFullDiskRefusesAndLosesNothing() throws Exception {
    FaultyBackend backend = new FaultyBackend();
    byte[] first = noise(11, 200_000);
    byte[] third = noise(13, 50_000);
    try (Store store = Stores.create(backend)) {
      Stores.add(store, "first", Stores.disk(first));
      backend.limit(backend.bytes("") + 100_000);
      assertThatThrownBy(() -> Stores.add(store, "second", Stores.disk(noise(12, 300_000))))
          .hasMessageContaining("No space left");
      Stores.add(store, "third", Stores.disk(third));
    }
    checkAll(backend, Map.of("first", first, "third", third));
  }
}
