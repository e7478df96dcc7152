package io.calco.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.JobContext;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VerifyTest {
  private static final String PASSWORD = "correct horse";

  private static Passphrase passphrase(String text) {
    return Passphrase.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static StoreReport verify(FaultyBackend backend, StoreKey key) throws IOException {
    return Store.verify(backend, key, JobContext.SILENT);
  }

  private static FaultyBackend filled(long seed, Store store, FaultyBackend backend)
      throws IOException {
    Random random = new Random(seed);
    Stores.add(store, "one", Stores.disk(Stores.content(random, 120_000)));
    Stores.add(store, "two", Stores.disk(Stores.content(random, 120_000)));
    return backend;
  }

  @Test
  void aFlippedBitInAnyObjectIsFound() throws Exception {
    FaultyBackend backend = new FaultyBackend();
    FaultyBackend second = new FaultyBackend();
    try (Store store = Stores.create(backend);
        Store copy = Stores.create(second)) {
      filled(1, store, backend);
      filled(1, copy, second);
    }
    assertThat(verify(backend, StoreKey.none()).sound()).isTrue();
    Seeds.run(
        40,
        random -> {
          List<String> names = new ArrayList<>(backend.objects().keySet());
          for (String name : names) {
            FaultyBackend flipped = backend.reopened();
            byte[] bytes = flipped.objects().get(name).clone();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            flipped.objects().put(name, bytes);
            checkFound(flipped, name);
            if (name.startsWith("packs/") || name.startsWith("index/")) {
              checkMended(flipped, second);
            }
          }
        });
  }

  private static void checkFound(FaultyBackend flipped, String name) throws IOException {
    if (name.equals("config")) {
      assertThatThrownBy(() -> verify(flipped, StoreKey.none())).isInstanceOf(DiskException.class);
      return;
    }
    StoreReport report = verify(flipped, StoreKey.none());
    assertThat(report.damages()).extracting(StoreReport.Damage::object).contains(name);
  }

  private static void checkMended(FaultyBackend flipped, FaultyBackend second) throws IOException {
    try (Store other = Store.open(second, StoreKey.none(), StoreOptions.defaults())) {
      StoreReport report =
          Store.repair(flipped, StoreKey.none(), Optional.of(other), JobContext.SILENT);
      assertThat(report.damages()).isEmpty();
      assertThat(report.losses()).isEmpty();
    }
  }

  /// Longer than what is asked for at once, with a table longer than what is asked for first.
  @Test
  void aBitAnywhereInALongPackIsFound() throws Exception {
    FaultyBackend backend = new FaultyBackend();
    byte[] noise = new byte[(18 << 20) + 5];
    new Random(12).nextBytes(noise);
    try (Store store = Stores.create(backend)) {
      Stores.add(store, "long", Stores.disk(noise));
    }
    StoreReport whole = verify(backend, StoreKey.none());
    assertThat(whole.sound()).isTrue();
    assertThat(whole.pieces()).isGreaterThan(noise.length / 4096);
    String pack =
        backend.objects().entrySet().stream()
            .filter(object -> object.getValue().length > 17 << 20)
            .findFirst()
            .orElseThrow()
            .getKey();
    int length = backend.objects().get(pack).length;
    for (int at : new int[] {57, 8 << 20, (16 << 20) + 100, 18 << 20, length - 70_000}) {
      FaultyBackend flipped = backend.reopened();
      byte[] bytes = flipped.objects().get(pack).clone();
      bytes[at] ^= 4;
      flipped.objects().put(pack, bytes);
      StoreReport report = verify(flipped, StoreKey.none());
      assertThat(report.damages())
          .as("byte %d", at)
          .filteredOn(damage -> damage.object().equals(pack))
          .hasSize(1);
    }
  }

  @Test
  void namesTheRootsThatSuffer() throws Exception {
    FaultyBackend backend = new FaultyBackend();
    byte[] content = new byte[100_000];
    new Random(3).nextBytes(content);
    try (Store store = Stores.create(backend)) {
      Stores.add(store, "whole", Stores.disk(new byte[] {1}));
      Stores.add(store, "hurt", Stores.disk(content));
    }
    String pack =
        backend.objects().entrySet().stream()
            .filter(entry -> entry.getKey().startsWith("packs/"))
            .max(Map.Entry.comparingByValue((a, b) -> a.length - b.length))
            .orElseThrow()
            .getKey();
    backend.objects().get(pack)[50_000] ^= 1;
    StoreReport report = verify(backend, StoreKey.none());
    assertThat(report.losses()).hasSize(1);
    StoreReport.Loss loss = report.losses().getFirst();
    assertThat(loss.root()).isEqualTo("hurt");
    assertThat(loss.length()).isEqualTo(4096);
    assertThat(loss.offset() % 4096).isZero();
    // What is sound can still be read.
    try (Store store = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
      Root root = store.findRoot("hurt").orElseThrow();
      try (var disk = store.openDisk(root.parts().get("disk"))) {
        assertThatThrownBy(() -> disk.readBytes(loss.offset(), 4096))
            .isInstanceOf(DiskException.class)
            .hasMessageContaining(pack);
        int other = loss.offset() == 0 ? 4096 : 0;
        assertThat(disk.readBytes(other, 4096))
            .isEqualTo(java.util.Arrays.copyOfRange(content, other, other + 4096));
      }
    }
  }

  @Test
  void slicesAreAllOfTheStore() throws Exception {
    FaultyBackend backend = new FaultyBackend();
    try (Store store = Stores.create(backend)) {
      for (int i = 0; i < 20; i++) {
        Stores.add(store, "root" + i, Stores.disk(Stores.content(new Random(i), 20_000)));
      }
    }
    List<String> packs =
        backend.objects().keySet().stream().filter(name -> name.startsWith("packs/")).toList();
    int read = 0;
    for (int first = 0; first < Store.SLICES; first += 64) {
      StoreReport part = Store.verifySlices(backend, StoreKey.none(), first, 64, JobContext.SILENT);
      assertThat(part.sound()).isTrue();
      read += part.packs();
    }
    assertThat(read).isEqualTo(packs.size());
    StoreReport around = Store.verifySlices(backend, StoreKey.none(), 200, 256, JobContext.SILENT);
    assertThat(around.packs()).isEqualTo(packs.size());
    String hurt = packs.get(3);
    backend.objects().get(hurt)[100] ^= 1;
    int slice = Integer.parseInt(hurt.substring(6, 8), 16);
    assertThat(Store.verifySlices(backend, StoreKey.none(), slice, 1, JobContext.SILENT).damages())
        .extracting(StoreReport.Damage::object)
        .contains(hurt);
    int next = (slice + 1) % Store.SLICES;
    assertThat(Store.verifySlices(backend, StoreKey.none(), next, 255, JobContext.SILENT).sound())
        .isTrue();
  }

  @Test
  void anIndexIsMadeAgainFromThePacks() throws Exception {
    FaultyBackend backend = new FaultyBackend();
    try (Store store = Stores.create(backend)) {
      filled(5, store, backend);
    }
    backend.objects().keySet().removeIf(name -> name.startsWith("index/"));
    // No index is no damage that a flipped bit makes, but nothing can be opened by it.
    StoreReport report =
        Store.repair(backend, StoreKey.none(), Optional.empty(), JobContext.SILENT);
    assertThat(report.sound()).isTrue();
    try (Store store = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
      for (Root root : store.listRoots()) {
        assertThat(Stores.read(store, root)).hasSize(120_000);
      }
    }
  }

  @Test
  void encryptedStoresOpenByTheirKeysOnly() throws Exception {
    FaultyBackend backend = new FaultyBackend();
    byte[] content = "a line that is easily found ".repeat(3000).getBytes(StandardCharsets.UTF_8);
    String printed;
    try (Passphrase first = passphrase(PASSWORD);
        Passphrase second = passphrase("another")) {
      Store.createEncrypted(backend, NewStore.plain().withChunkLength(4096), first, "first");
      try (Store store = Store.open(backend, StoreKey.of(first), StoreOptions.defaults())) {
        Stores.add(store, "secret name", Stores.disk(content));
        printed = store.recoveryKey();
        store.addPassphrase(second, "second");
        store.removePassphrase(
            store.listPassphrases().stream()
                .filter(slot -> slot.label().equals("first"))
                .findFirst()
                .orElseThrow()
                .id());
      }
      StoreKey wrong = StoreKey.of(first);
      assertThatThrownBy(() -> Store.open(backend, wrong, StoreOptions.defaults()))
          .isInstanceOf(PassphraseException.class);
      assertThatThrownBy(() -> Store.open(backend, StoreKey.none(), StoreOptions.defaults()))
          .isInstanceOf(PassphraseException.class);
      assertThat(verify(backend, StoreKey.of(second)).sound()).isTrue();
    }
    try (Store store = Store.open(backend, StoreKey.recovery(printed), StoreOptions.defaults())) {
      Root root = store.findRoot("secret name").orElseThrow();
      assertThat(Stores.read(store, root)).isEqualTo(content);
      try (Disk disk = store.openDisk(root.parts().get("disk"))) {
        MemorySegment memory = Arena.ofAuto().allocate(content.length);
        disk.read(0, memory);
        assertThat(memory.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(content);
      }
    }
    for (byte[] object : backend.objects().values()) {
      String text = new String(object, StandardCharsets.ISO_8859_1);
      assertThat(text).doesNotContain("easily").doesNotContain("secret name");
    }
    String copiedWrongly = printed.replace(printed.charAt(0), printed.charAt(0) == 'a' ? 'b' : 'a');
    assertThatThrownBy(() -> StoreKey.recovery(copiedWrongly))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
