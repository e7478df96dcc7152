package io.calco.store;

import io.calco.store.backend.Backend;
import io.calco.store.backend.LocalDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;

/// Makes the metadata of a repository of a given size without its data: the index objects of packs that are full of incompressible chunks of
/// the usual length, 64 in each. Whatever opens the repository reads all of them.
///
/// `DIRECTORY TIB`
final class Metadata {
  private static final int PACKS = 4096; // in an index object
  private static final int PIECES = 64; // of 512 KiB in a pack of 32 MiB

  public static void main(String[] words) throws Exception {
    Backend backend = LocalDirectory.create(Path.of(words[0]));
    Store.create(backend, NewStore.plain());
    SplittableRandom random = new SplittableRandom(1);
    UUID writer = new UUID(1, 1);
    for (long left = Long.parseLong(words[1]) << 15; left > 0; left -= PACKS) {
      List<IndexObject.Line> lines = new ArrayList<>();
      for (int i = 0; i < PACKS; i++) {
        ChunkId name = new ChunkId(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
        lines.add(new IndexObject.Line(new Pack(name, 32 << 20, writer, PIECES), random.longs(PIECES).toArray()));
      }
      IndexObject.put(backend, StoreCipher.plain(), lines);
    }
  }
}
