package io.calco.store;

import io.calco.disk.Disk;
import io.calco.disk.JobContext;
import io.calco.disk.MemoryDriver;
import io.calco.store.backend.Backend;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Random;
import java.util.SequencedMap;

/// What the tests make and compare.
final class Stores {
  private Stores() {}

  /// A store of small chunks, made in a place that is empty.
  static Store create(Backend backend) throws IOException {
    Store.create(backend, NewStore.plain().withChunkLength(4096));
    return Store.open(backend, StoreKey.none(), StoreOptions.defaults());
  }

  static SequencedMap<String, ChunkId> part(ChunkId id) {
    return new LinkedHashMap<>(java.util.Map.of("disk", id));
  }

  /// Adds a disk under a name.
  static Root add(Store store, String name, Disk disk) throws IOException {
    try (Upload upload = store.beginUpload()) {
      return upload.commit(name, part(upload.addDisk(disk, JobContext.SILENT)), "{}");
    }
  }

  /// Content with zeroes, repetition and noise in it.
  static byte[] content(Random random, int length) {
    byte[] bytes = new byte[length];
    int at = 0;
    while (at < length) {
      int run = Math.min(length - at, 1 + random.nextInt(20_000));
      switch (random.nextInt(3)) {
        case 0 -> at += 0;
        case 1 -> java.util.Arrays.fill(bytes, at, at + run, (byte) random.nextInt());
        default -> {
          byte[] noise = new byte[run];
          random.nextBytes(noise);
          System.arraycopy(noise, 0, bytes, at, run);
        }
      }
      at += run;
    }
    return bytes;
  }

  static Disk disk(byte[] content) {
    return Disk.owning(new MemoryDriver(content.clone()));
  }

  static byte[] read(Store store, Root root) throws IOException {
    try (Disk disk = store.openDisk(root.parts().get("disk"))) {
      return disk.readBytes(0, (int) disk.size());
    }
  }
}
