package io.calco.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.JobContext;
import io.calco.store.backend.Backend;
import io.calco.store.backend.StoredObject;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.AccessDeniedException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Stores that only grow, by their own mark and by what their place allows.
class AppendOnlyTest {
  private final Random random = new Random(17);
  private final FaultyBackend backend = new FaultyBackend();

  private static Store open(Backend backend) throws IOException {
    return Store.open(backend, StoreKey.none(), StoreOptions.defaults());
  }

  @Test
  void nothingIsTaken() throws IOException {
    byte[] content = Stores.content(random, 60_000);
    try (Store store = Stores.create(backend)) {
      Stores.add(store, "first", Stores.disk(content));
      store.makeAppendOnly();
      assertThat(store.appendOnly()).isTrue();
    }
    try (Store store = open(backend)) {
      List<String> before = List.copyOf(backend.objects().keySet());
      Root first = store.findRoot("first").orElseThrow();
      refuses(() -> store.removeRoot("first"));
      refuses(() -> store.removeRoots(List.of("first")));
      refuses(() -> store.collect(JobContext.SILENT));
      refuses(() -> store.discardDamaged(Root.object(StoreCipher.plain(), "first")));
      refuses(() -> Store.rebuildIndex(backend, StoreKey.none(), JobContext.SILENT));
      refuses(() -> Store.repair(backend, StoreKey.none(), Optional.empty(), JobContext.SILENT));
      Root second = Stores.add(store, "second", Stores.disk(Stores.content(random, 60_000)));
      refuses(() -> {
        try (Upload upload = store.beginUpload()) {
          upload.commitReplacing("first", second.parts(), "{}");
        }
      });
      try (Upload upload = store.beginUpload()) {
        upload.commitReplacing("first", first.parts(), "{\"said\":\"more\"}");
      }
      assertThat(backend.objects().keySet()).containsAll(before);
      assertThat(Stores.read(store, store.findRoot("first").orElseThrow())).isEqualTo(content);
      store.liftAppendOnly();
      store.removeRoot("second");
      assertThat(store.collect(JobContext.SILENT).deletedBytes()).isPositive();
    }
  }

  private interface Deed {
    void run() throws IOException;
  }

  private static void refuses(Deed deed) {
    assertThatThrownBy(deed::run)
        .isInstanceOf(AppendOnlyException.class)
        .hasMessageEndingWith(": is append-only: nothing is taken from it");
  }

  /// What a backup, a copy and a reader need of a place: its own session alone is replaced and
  /// deleted.
  @Test
  void aPlaceThatDeletesNothingButSessionsIsEnough() throws IOException {
    Backend strict = new GrowingBackend(backend);
    byte[] content = Stores.content(random, 200_000);
    try (Store store = Stores.create(strict)) {
      store.makeAppendOnly();
      Stores.add(store, "first", Stores.disk(content));
      content[7777] ^= 1;
      Stores.add(store, "second", Stores.disk(content));
    }
    FaultyBackend elsewhere = new FaultyBackend();
    try (Store store = open(strict);
        Store other = Stores.create(elsewhere)) {
      Stores.add(other, "third", Stores.disk(Stores.content(random, 90_000)));
      StoreCopy.copy(other, store, root -> true, JobContext.SILENT);
      assertThat(Stores.read(store, store.findRoot("second").orElseThrow())).isEqualTo(content);
      assertThat(store.listRoots()).hasSize(3);
    }
    assertThat(Store.verify(strict, StoreKey.none(), JobContext.SILENT).sound()).isTrue();
    assertThat(backend.objects().keySet())
        .noneMatch(name -> name.startsWith("sessions/"))
        .noneMatch(name -> AppendOnly.latitude(name) == AppendOnly.Latitude.ANY)
        .filteredOn(name -> AppendOnly.latitude(name) == AppendOnly.Latitude.REPLACED)
        .hasSize(3)
        .allMatch(name -> name.startsWith("roots/"));
  }

  /// A place whose guard lets sessions alone be replaced and deleted.
  private record GrowingBackend(FaultyBackend below) implements Backend {
    private void guard(String name) throws IOException {
      if (AppendOnly.latitude(name) != AppendOnly.Latitude.ANY
          && below.objects().containsKey(name)) {
        throw new AccessDeniedException(name);
      }
    }

    @Override
    public String place() {
      return below.place();
    }

    @Override
    public void put(String name, List<MemorySegment> content) throws IOException {
      guard(name);
      below.put(name, content);
    }

    @Override
    public byte[] get(String name, int max) throws IOException {
      return below.get(name, max);
    }

    @Override
    public void get(String name, long offset, MemorySegment dst) throws IOException {
      below.get(name, offset, dst);
    }

    @Override
    public long size(String name) throws IOException {
      return below.size(name);
    }

    @Override
    public List<StoredObject> list(String prefix) throws IOException {
      return below.list(prefix);
    }

    @Override
    public void delete(String name) throws IOException {
      guard(name);
      below.delete(name);
    }

    @Override
    public void sweep() throws IOException {
      below.sweep();
    }

    @Override
    public void close() throws IOException {
      below.close();
    }
  }
}
