package io.calco.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.JobContext;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Copies of a store, with the same key and with others, cut off and begun again.
class StoreCopyTest {
  private static final int SIZE = 300_000;

  private final FaultyBackend source = new FaultyBackend();
  private final FaultyBackend target = new FaultyBackend();
  private final Map<String, byte[]> contents = new TreeMap<>();

  /// A master key by its name, without the passphrase that takes a second to try.
  private static byte[] master(String name) {
    byte[] master = new byte[StoreCipher.MASTER_KEY];
    Arrays.fill(master, (byte) name.charAt(0));
    return master;
  }

  private static StoreKey key(String name) {
    return name.isEmpty() ? StoreKey.none() : StoreKey.recovery(RecoveryKey.print(master(name)));
  }

  private static void create(FaultyBackend backend, String name) throws IOException {
    if (name.isEmpty()) {
      Store.create(backend, NewStore.plain().withChunkLength(4096));
      return;
    }
    StoreCipher cipher = StoreCipher.of(master(name));
    String check = HexFormat.of().formatHex(cipher.keyCheck());
    StoreConfig config = new StoreConfig(UUID.randomUUID(), true, 4096, check, Instant.now());
    Envelope.CONFIG.put(backend, StoreCipher.plain(), StoreConfig.OBJECT, config.encode());
  }

  private static Store open(FaultyBackend backend, String key) throws IOException {
    return Store.open(backend, key(key), StoreOptions.defaults());
  }

  /// Disks that differ a little from each other.
  private void fill(Store store, Random random, int disks) throws IOException {
    byte[] content = Stores.content(random, SIZE);
    for (int i = 0; i < disks; i++) {
      content = content.clone();
      int at = random.nextInt(content.length - 9000);
      System.arraycopy(Stores.content(random, 9000), 0, content, at, 9000);
      Stores.add(store, "disk " + i, Stores.disk(content));
      contents.put("disk " + i, content);
    }
  }

  private void isWhole(FaultyBackend copy, String key) throws IOException {
    assertThat(Store.verify(copy, key(key), JobContext.SILENT).sound()).isTrue();
    try (Store store = open(copy, key)) {
      assertThat(store.listRoots())
          .extracting(Root::name)
          .containsExactlyInAnyOrderElementsOf(contents.keySet());
      for (Root root : store.listRoots()) {
        assertThat(Stores.read(store, root)).isEqualTo(contents.get(root.name()));
      }
    }
  }

  @Test
  void copiesBetweenAllKindsOfKeys() {
    Seeds.run(
        1,
        random -> {
          for (String before : List.of("", "one")) {
            for (String after : List.of("", "two")) {
              FaultyBackend here = new FaultyBackend();
              FaultyBackend there = new FaultyBackend();
              contents.clear();
              create(here, before);
              create(there, after);
              try (Store from = open(here, before);
                  Store to = open(there, after)) {
                fill(from, random, 4);
                assertThat(StoreCopy.missing(from, to, root -> true)).hasSize(4);
                CopyReport report = StoreCopy.copy(from, to, root -> true, JobContext.SILENT);
                assertThat(report.copied()).isEqualTo(4);
                assertThat(report.failed()).isEmpty();
                Root original = from.findRoot("disk 2").orElseThrow();
                Root copy = to.findRoot("disk 2").orElseThrow();
                assertThat(copy.created()).isEqualTo(original.created());
                assertThat(copy.attributes()).isEqualTo(original.attributes());
                CopyReport again = StoreCopy.copy(from, to, root -> true, JobContext.SILENT);
                assertThat(again).isEqualTo(new CopyReport(0, 4, 0, 0, List.of()));
              }
              isWhole(there, after);
              assertThat(there.bytes(Pack.PREFIX))
                  .as("nothing twice")
                  .isLessThan(here.bytes(Pack.PREFIX) * 11 / 10 + 20_000);
            }
          }
        });
  }

  @Test
  void copiesWhatIsWanted() throws IOException {
    create(source, "");
    create(target, "");
    try (Store from = open(source, "");
        Store to = open(target, "")) {
      fill(from, new Random(1), 3);
      CopyReport report =
          StoreCopy.copy(from, to, root -> root.name().equals("disk 1"), JobContext.SILENT);
      assertThat(report.copied()).isEqualTo(1);
      assertThat(to.listRoots()).extracting(Root::name).containsExactly("disk 1");
    }
  }

  /// Cut off anywhere a copy leaves whole roots, and the next goes on.
  @Test
  void goesOnWhereItWasCutOff() {
    Seeds.run(
        6,
        random -> {
          String after = random.nextBoolean() ? "" : "two";
          FaultyBackend here = new FaultyBackend();
          FaultyBackend there = new FaultyBackend();
          contents.clear();
          create(here, "");
          create(there, after);
          try (Store from = open(here, "")) {
            fill(from, random, 3);
            there.cutAfter(random.nextInt(8), random.nextBoolean());
            assertThatThrownBy(
                    () -> {
                      try (Store to = open(there, after)) {
                        StoreCopy.copy(from, to, root -> true, JobContext.SILENT);
                        throw new IOException("cut off at no time");
                      }
                    })
                .hasMessageContaining("cut off");
            FaultyBackend later = there.reopened();
            try (Store to = open(later, after)) {
              for (Root root : to.listRoots()) {
                assertThat(Stores.read(to, root)).isEqualTo(contents.get(root.name()));
              }
              StoreCopy.copy(from, to, root -> true, JobContext.SILENT);
            }
            isWhole(later, after);
          }
        });
  }

  @Test
  void namesRootsThatAreDamaged() throws IOException {
    create(source, "");
    create(target, "two");
    Random random = new Random(5);
    try (Store from = open(source, "")) {
      Stores.add(from, "first", Stores.disk(noise(random)));
      Stores.add(from, "second", Stores.disk(noise(random)));
    }
    Map.Entry<String, byte[]> pack =
        source.objects().entrySet().stream()
            .filter(object -> object.getKey().startsWith(Pack.PREFIX))
            .findFirst()
            .orElseThrow();
    pack.getValue()[50_000] ^= 1;
    try (Store from = open(source, "");
        Store to = open(target, "two")) {
      CopyReport report = StoreCopy.copy(from, to, root -> true, JobContext.SILENT);
      assertThat(report.copied()).isEqualTo(1);
      assertThat(report.failed()).hasSize(1);
      assertThat(report.failed().getFirst().why()).contains("is damaged").doesNotContain("\n");
      assertThat(to.listRoots()).hasSize(1);
    }
    assertThat(Store.verify(target, key("two"), JobContext.SILENT).losses()).isEmpty();
  }

  private static byte[] noise(Random random) {
    byte[] bytes = new byte[100_000];
    random.nextBytes(bytes);
    return bytes;
  }

  @Test
  void replacesARootThatIsAnother() throws IOException {
    create(source, "");
    create(target, "");
    try (Store from = open(source, "");
        Store to = open(target, "")) {
      fill(from, new Random(1), 1);
      try (Upload upload = to.beginUpload()) {
        ChunkId other = upload.addDisk(Stores.disk(new byte[5000]), JobContext.SILENT);
        upload.commit("disk 0", new LinkedHashMap<>(Map.of("disk", other)), "{}");
      }
      assertThat(StoreCopy.copy(from, to, root -> true, JobContext.SILENT).copied()).isEqualTo(1);
    }
    isWhole(target, "");
  }
}
