package io.calco.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.Extent;
import io.calco.disk.JobContext;
import io.calco.store.backend.LocalDirectory;
import io.calco.store.backend.StoredObject;
import io.calco.testkit.Seeds;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {
  @TempDir private Path directory;

  private LocalDirectory fresh(String name) throws IOException {
    return LocalDirectory.create(directory.resolve(name));
  }

  private static long stored(LocalDirectory backend) throws IOException {
    return backend.list("packs/").stream().mapToLong(StoredObject::size).sum();
  }

  @Test
  void givesBackWhatItWasGiven() {
    Seeds.run(
        20,
        random -> {
          LocalDirectory backend = fresh("s" + random.nextLong());
          byte[] content = Stores.content(random, 1 + random.nextInt(400_000));
          byte[] blob = Stores.content(random, random.nextInt(300_000));
          try (Store store = Stores.create(backend);
              Upload upload = store.beginUpload()) {
            ChunkId disk = upload.addDisk(Stores.disk(content), JobContext.SILENT);
            ChunkId bytes = upload.addBlob(new ByteArrayInputStream(blob), JobContext.SILENT);
            var parts = Stores.part(disk);
            parts.put("blob", bytes);
            upload.commit("one", parts, "{\"a\":1}");
          }
          try (Store store = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
            Root root = store.findRoot("one").orElseThrow();
            assertThat(root.attributes()).isEqualTo("{\"a\":1}");
            assertThat(Stores.read(store, root)).isEqualTo(content);
            checkBlob(store.openBlob(root.parts().get("blob")), blob, random);
            checkExtents(store.openDisk(root.parts().get("disk")), content);
          }
        });
  }

  private static void checkBlob(StoredBlob stored, byte[] blob, Random random) throws IOException {
    assertThat(stored.size()).isEqualTo(blob.length);
    for (int i = 0; i < 20; i++) {
      int from = random.nextInt(blob.length + 1);
      int length = random.nextInt(blob.length - from + 1);
      byte[] wanted = Arrays.copyOfRange(blob, from, from + length);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      stored.writeTo(Channels.newChannel(out), from, length);
      assertThat(out.toByteArray()).isEqualTo(wanted);
      byte[] read = new byte[length];
      stored.read(from, MemorySegment.ofArray(read));
      assertThat(read).isEqualTo(wanted);
    }
  }

  private static void checkExtents(Disk disk, byte[] content) throws IOException {
    try (disk) {
      long at = 0;
      while (at < disk.size()) {
        Extent extent = disk.extentAt(at, disk.size() - at);
        for (long i = extent.offset(); i < extent.end(); i += 4096) {
          byte[] cell = Arrays.copyOfRange(content, (int) i, (int) Math.min(disk.size(), i + 4096));
          boolean cellZero = Arrays.mismatch(cell, new byte[cell.length]) < 0;
          assertThat(extent.readsZero()).isEqualTo(cellZero);
        }
        at = extent.end();
      }
    }
  }

  @Test
  void storesEachPieceOnce() throws Exception {
    LocalDirectory backend = fresh("s");
    byte[] content = Stores.content(new Random(7), 3_000_000);
    try (Store store = Stores.create(backend)) {
      Stores.add(store, "first", Stores.disk(content));
      long first = stored(backend);
      Root second = Stores.add(store, "second", Stores.disk(content));
      assertThat(stored(backend)).isEqualTo(first);
      content[1_234_567] ^= 1;
      Root third = Stores.add(store, "third", Stores.disk(content));
      assertThat(stored(backend) - first).isBetween(1L, 60_000L);
      assertThat(third.parts()).isNotEqualTo(second.parts());
      assertThat(Stores.read(store, third)).isEqualTo(content);
    }
  }

  @Test
  void whatHasNoNameIsNotSeen() throws Exception {
    LocalDirectory backend = fresh("s");
    try (Store store = Stores.create(backend)) {
      try (Upload upload = store.beginUpload()) {
        upload.addDisk(Stores.disk(new byte[] {1, 2, 3}), JobContext.SILENT);
      }
      assertThat(store.listRoots()).isEmpty();
      assertThat(backend.list("sessions/")).isEmpty();
      Stores.add(store, "a", Stores.disk(new byte[] {1}));
      assertThatThrownBy(() -> Stores.add(store, "a", Stores.disk(new byte[] {2})))
          .isInstanceOf(FileAlreadyExistsException.class);
      store.removeRoot("a");
      assertThat(store.findRoot("a")).isEmpty();
    }
  }

  @Test
  void keepsToItsPlace() throws Exception {
    LocalDirectory backend = fresh("s");
    assertThatThrownBy(() -> Store.open(backend, StoreKey.none(), StoreOptions.defaults()))
        .isInstanceOf(NoSuchFileException.class);
    Stores.create(backend).close();
    assertThatThrownBy(() -> Stores.create(backend)).isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> backend.put("../x", java.util.List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
