package io.calco.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.UnsupportedFeatureException;
import io.calco.store.backend.LocalDirectory;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Stored disks compared by their maps, against their bytes.
class DifferenceTest {
  private static final int CHUNK = 4096;

  @TempDir private Path directory;

  @Test
  void tellsWhichChunksDiffer() throws IOException {
    int[] name = {0};
    try (Store store = Stores.create(LocalDirectory.create(directory))) {
      Seeds.run(
          12,
          random -> {
            byte[] one = Stores.content(random, random.nextInt(1 << random.nextInt(12, 24)));
            byte[] other = Arrays.copyOf(one, random.nextInt(Math.max(1, one.length * 2)));
            for (int i = random.nextInt(5); i > 0 && other.length > 0; i--) {
              other[random.nextInt(other.length)] ^= 1;
            }
            ChunkId a = Stores.add(store, "a" + ++name[0], Stores.disk(one)).parts().get("disk");
            ChunkId b = Stores.add(store, "b" + name[0], Stores.disk(other)).parts().get("disk");
            BitSet told = new BitSet();
            long[] end = {-1};
            store.compareDisks(
                a,
                b,
                (offset, length) -> {
                  assertThat(offset).isGreaterThan(end[0]);
                  assertThat(length).isPositive();
                  end[0] = offset + length;
                  told.set((int) offset / CHUNK, (int) Math.ceilDiv(offset + length, (long) CHUNK));
                });
            BitSet differing = new BitSet();
            int longer = Math.max(one.length, other.length);
            for (int at = 0; at < longer; at += CHUNK) {
              if (!Arrays.equals(chunk(one, at), chunk(other, at))) {
                differing.set(at / CHUNK);
              }
            }
            assertThat(told).isEqualTo(differing);
            store.compareDisks(a, a, (offset, length) -> assertThat(length).isZero());
          });
    }
  }

  private static byte[] chunk(byte[] all, int at) {
    int from = Math.min(at, all.length);
    return Arrays.copyOfRange(all, from, Math.min(from + CHUNK, all.length));
  }

  @Test
  void blobsAreNoDisks() throws IOException {
    try (Store store = Stores.create(LocalDirectory.create(directory));
        Upload upload = store.beginUpload()) {
      ChunkId disk = upload.addDisk(Stores.disk(new byte[10]), io.calco.disk.JobContext.SILENT);
      ChunkId blob =
          upload.addBlob(
              new java.io.ByteArrayInputStream(new byte[10]), io.calco.disk.JobContext.SILENT);
      upload.commit("x", Stores.part(disk), "{}");
      upload.commit("y", Stores.part(blob), "{}");
      assertThatThrownBy(() -> store.compareDisks(disk, blob, (offset, length) -> {}))
          .isNotInstanceOf(UnsupportedFeatureException.class)
          .isInstanceOf(io.calco.disk.CorruptImageException.class);
    }
  }
}
