package io.calco.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.JobContext;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What a store holds, what it takes, and what a collection would free.
class CensusTest {
  private static final int CHUNK = 4096;

  private static byte[] noise(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static StoreCensus.Cost cost(StoreCensus census, String root) {
    return census.roots().stream()
        .filter(cost -> cost.root().equals(root))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void countsWhatIsSharedOnce() throws Exception {
    FaultyBackend backend = new FaultyBackend();
    byte[] one = Arrays.copyOf(noise(1, 100 * CHUNK), 150 * CHUNK); // a third are zeroes
    byte[] two = one.clone();
    System.arraycopy(noise(2, 10 * CHUNK), 0, two, 0, 10 * CHUNK);
    try (Store store = Stores.create(backend)) {
      Stores.add(store, "one", Stores.disk(one));
      Stores.add(store, "two", Stores.disk(two));
      Stores.add(store, "same", Stores.disk(two));
      StoreCensus census = store.census(JobContext.SILENT);
      assertThat(census.size()).isEqualTo(450L * CHUNK);
      assertThat(census.dataBytes()).isEqualTo(300L * CHUNK);
      assertThat(census.distinctBytes()).isEqualTo(110L * CHUNK);
      assertThat(census.neededBytes()).isBetween(110L * CHUNK, 111L * CHUNK + 30_000);
      assertThat(census.packBytes()).isEqualTo(backend.bytes("packs/"));
      assertThat(census.packBytes() + census.otherBytes()).isEqualTo(backend.bytes(""));
      assertThat(census.garbageBytes()).as("heads and tables").isLessThan(10_000);
      assertThat(census.missing()).isZero();
      assertThat(cost(census, "one").ownBytes()).isBetween(10L * CHUNK, 10L * CHUNK + 6000);
      assertThat(cost(census, "two").ownBytes()).isZero();
      assertThat(cost(census, "two").dataBytes()).isEqualTo(100L * CHUNK);
      StoreCensus some = store.census(root -> !root.equals("one"), JobContext.SILENT);
      assertThat(some.roots()).extracting(StoreCensus.Cost::root).containsOnly("two", "same");
      assertThat(some.distinctBytes()).isEqualTo(100L * CHUNK);
      assertThat(some.neededBytes()).as("also what one has too").isGreaterThan(100L * CHUNK);
      StoreCensus alone = store.census("two"::equals, JobContext.SILENT);
      assertThat(cost(alone, "two").ownBytes()).isEqualTo(alone.neededBytes());
      store.removeRoot("same");
      assertThat(cost(store.census(JobContext.SILENT), "two").ownBytes())
          .isBetween(10L * CHUNK, 10L * CHUNK + 6000);
    }
  }

  @Test
  void aPlanIsWhatACollectionDoes() throws Exception {
    FaultyBackend backend = new FaultyBackend();
    byte[] large = noise(3, 200 * CHUNK);
    try (Store store = Stores.create(backend)) {
      Stores.add(store, "large", Stores.disk(large));
      Stores.add(store, "small", Stores.disk(Arrays.copyOf(large, 20 * CHUNK)));
      Stores.add(store, "gone", Stores.disk(noise(4, 50 * CHUNK)));
      store.removeRoot("large");
      store.removeRoot("gone");
      long before = backend.bytes("packs/");
      long changes = backend.changes();
      CollectionPlan plan = store.planCollection(Set.of(), JobContext.SILENT);
      assertThat(backend.changes()).isEqualTo(changes);
      assertThat(plan.unneededPacks()).isEqualTo(1);
      assertThat(plan.rewrittenPacks()).isEqualTo(1);
      CollectionReport done = store.collect(JobContext.SILENT);
      assertThat(done.movedBytes()).isEqualTo(plan.rewrittenBytes());
      assertThat(before - backend.bytes("packs/"))
          .isBetween(plan.freedBytes() - 2000, plan.freedBytes());
      assertThat(store.planCollection(Set.of(), JobContext.SILENT).freedBytes()).isZero();
    }
  }

  @Test
  void anIndexIsRebuiltFromTables() throws Exception {
    FaultyBackend backend = new FaultyBackend();
    byte[] content = noise(5, 300_000);
    try (Store store = Stores.create(backend)) {
      Stores.add(store, "a", Stores.disk(content));
      Stores.add(store, "b", Stores.disk(noise(6, 100_000)));
    }
    String index =
        backend.objects().keySet().stream()
            .filter(name -> name.startsWith("index/"))
            .findFirst()
            .orElseThrow();
    backend.objects().get(index)[60] ^= 1;
    try (Store store = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
      store.refresh();
      assertThat(store.listIndexDamages().getFirst().object()).isEqualTo(index);
    }
    RebuiltIndex rebuilt = Store.rebuildIndex(backend, StoreKey.none(), JobContext.SILENT);
    assertThat(rebuilt.packs()).isEqualTo(2);
    assertThat(rebuilt.unreadable()).isEmpty();
    checkReadable(backend, content);
    backend.objects().keySet().removeIf(name -> name.startsWith("index/"));
    Store.rebuildIndex(backend, StoreKey.none(), JobContext.SILENT);
    checkReadable(backend, content);
    assertThat(Store.verify(backend, StoreKey.none(), JobContext.SILENT).sound()).isTrue();
    assertThat(backend.bytes("sessions/")).isZero();
  }

  private static void checkReadable(FaultyBackend backend, byte[] content) throws IOException {
    try (Store store = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
      assertThat(Stores.read(store, store.findRoot("a").orElseThrow())).isEqualTo(content);
    }
  }

  @Test
  void whoMovesPacksIsAlone() throws Exception {
    FaultyBackend backend = new FaultyBackend();
    try (Store store = Stores.create(backend)) {
      java.util.UUID collecting = store.sessions().begin(Session.Purpose.COLLECTION);
      assertThatThrownBy(() -> Store.rebuildIndex(backend, StoreKey.none(), JobContext.SILENT))
          .isInstanceOf(StoreBusyException.class);
      assertThatThrownBy(() ->
              Store.repair(backend, StoreKey.none(), java.util.Optional.empty(), JobContext.SILENT))
          .isInstanceOf(StoreBusyException.class);
      store.sessions().end(collecting);
      assertThat(backend.bytes("sessions/")).isZero();
    }
  }
}
