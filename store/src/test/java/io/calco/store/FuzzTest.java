package io.calco.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.disk.JobContext;
import io.calco.disk.Passphrase;
import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;
import io.calco.sys.Cryptography;
import io.calco.testkit.Seeds;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Objects changed at random, their checksums made right again as an attacker would: everything
/// ends, in an answer or an [IOException].
class FuzzTest {
  private static final int ENVELOPE_BODY = 44;

  private static FaultyBackend store(Random random) throws IOException {
    FaultyBackend backend = new FaultyBackend();
    try (Store store = Stores.create(backend)) {
      fill(store, random);
    }
    return backend;
  }

  private static void fill(Store store, Random random) throws IOException {
    try (Upload upload = store.beginUpload()) {
      Map<String, ChunkId> parts = new java.util.LinkedHashMap<>();
      byte[] content = Stores.content(random, 60_000);
      parts.put("disk", upload.addDisk(Stores.disk(content), JobContext.SILENT));
      parts.put("blob", upload.addBlob(new ByteArrayInputStream(content), JobContext.SILENT));
      upload.commit("root", new java.util.LinkedHashMap<>(parts), "{}");
    }
  }

  /// Whoever has the place but not the key changes objects, cuts them, or puts them under each
  /// other's names: nothing is read that was not written.
  @Test
  void withoutTheKeyNothingIsForged() throws IOException {
    FaultyBackend made = new FaultyBackend();
    String recovery;
    byte[] wanted;
    try (Passphrase passphrase = Passphrase.of(new byte[] {'p'})) {
      Store.createEncrypted(made, NewStore.plain().withChunkLength(4096), passphrase, "");
      try (Store store = Store.open(made, StoreKey.of(passphrase), StoreOptions.defaults())) {
        fill(store, new Random(1));
        recovery = store.recoveryKey();
        wanted = blob(store);
      }
    }
    StoreKey key = StoreKey.recovery(recovery);
    Seeds.run(
        250,
        random -> {
          FaultyBackend backend = made.reopened();
          attack(backend, random);
          useAll(backend, key);
          trying(() -> {
            try (Store store = Store.open(backend, key, StoreOptions.defaults())) {
              assertThat(blob(store)).isEqualTo(wanted);
            }
          });
        });
  }

  private static byte[] blob(Store store) throws IOException {
    Root root = store.findRoot("root").orElseThrow(() -> new IOException("no root"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    StoredBlob blob = store.openBlob(root.parts().get("blob"));
    blob.writeTo(Channels.newChannel(out), 0, blob.size());
    return out.toByteArray();
  }

  private static void attack(FaultyBackend backend, Random random) {
    List<String> names = new ArrayList<>(backend.objects().keySet());
    String name = names.get(random.nextInt(names.size()));
    byte[] bytes = backend.objects().get(name).clone();
    switch (random.nextInt(4)) {
      case 0 -> backend.objects().put(names.get(random.nextInt(names.size())), bytes);
      case 1 -> backend.objects().put(name, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
      case 2 -> backend.objects().remove(name);
      default -> forge(backend, name, bytes, random);
    }
  }

  @Test
  void onlyOurExceptions() {
    Seeds.run(
        300,
        random -> {
          FaultyBackend backend = store(random);
          List<String> names = new ArrayList<>(backend.objects().keySet());
          String name = names.get(random.nextInt(names.size()));
          forge(backend, name, backend.objects().get(name).clone(), random);
          useAll(backend, StoreKey.none());
        });
  }

  /// Changes an object, and makes its checksums right.
  private static void forge(FaultyBackend backend, String name, byte[] bytes, Random random) {
    backend.objects().remove(name);
    if (name.startsWith("packs/")) {
      backend.objects().put(changedPack(bytes, random), bytes);
      return;
    }
    change(bytes, ENVELOPE_BODY, bytes.length - 32, random);
    byte[] sum = sha256(Arrays.copyOf(bytes, bytes.length - 32));
    System.arraycopy(sum, 0, bytes, bytes.length - 32, 32);
    boolean index = name.startsWith("index/");
    backend.objects().put(index ? "index/" + hex(sum) : name, bytes);
  }

  private static String changedPack(byte[] pack, Random random) {
    int foot = pack.length - 24;
    int table = foot - LittleEndian.s32(pack, foot);
    if (random.nextBoolean()) {
      change(pack, table, foot + 8, random);
    } else {
      change(pack, 56, table, random);
    }
    int length = foot - table;
    int crc = ~Crc32c.update(Crc32c.update(~0, Arrays.copyOf(pack, 56)), pack, table, length);
    LittleEndian.put32(pack, foot + 8, crc);
    byte[] named = Arrays.copyOf(pack, 56 + pack.length - table);
    System.arraycopy(pack, table, named, 56, pack.length - table);
    String name = hex(sha256(named));
    return "packs/" + name.substring(0, 2) + "/" + name;
  }

  private static void change(byte[] bytes, int from, int to, Random random) {
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count && to > from; i++) {
      int at = from + random.nextInt(to - from);
      bytes[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) -1;
    }
  }

  private static byte[] sha256(byte[] bytes) {
    return Cryptography.sha256().digest(bytes);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private interface Use {
    void run() throws IOException;
  }

  private static void trying(Use use) {
    try {
      use.run();
    } catch (IOException expected) {
      // One of ours.
    }
  }

  private static void useAll(FaultyBackend backend, StoreKey key) {
    trying(() -> Store.verify(backend, key, JobContext.SILENT));
    trying(() -> readAll(backend, key));
    trying(() -> collect(backend.reopened(), key));
    trying(() -> Store.rebuildIndex(backend.reopened(), key, JobContext.SILENT));
    trying(() -> Store.repair(backend.reopened(), key, Optional.empty(), JobContext.SILENT));
  }

  private static void collect(FaultyBackend backend, StoreKey key) throws IOException {
    try (Store store = Store.open(backend, key, StoreOptions.defaults())) {
      store.census(JobContext.SILENT);
      store.planCollection(Set.of(), JobContext.SILENT);
      store.collect(JobContext.SILENT);
    }
  }

  private static void readAll(FaultyBackend backend, StoreKey key) throws IOException {
    try (Store store = Store.open(backend, key, StoreOptions.defaults())) {
      for (Root root : store.listRoots()) {
        for (ChunkId part : root.parts().values()) {
          trying(() -> readDisk(store, part));
          trying(() -> {
            StoredBlob blob = store.openBlob(part);
            blob.writeTo(
                Channels.newChannel(OutputStream.nullOutputStream()),
                0,
                Math.min(blob.size(), 1 << 20));
          });
        }
      }
    }
  }

  private static void readDisk(Store store, ChunkId part) throws IOException {
    try (Disk disk = store.openDisk(part)) {
      disk.extentAt(0, disk.size());
      disk.readBytes(0, (int) Math.min(disk.size(), 1 << 20));
    }
  }
}
