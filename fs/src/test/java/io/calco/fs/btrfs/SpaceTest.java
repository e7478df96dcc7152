package io.calco.fs.btrfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.fs.InMemory;
import io.calco.fs.Mounted;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is in use is what btrfs-progs' dump of the extent and chunk trees says, and no more is
/// needed.
///
/// partclone.btrfs is no oracle here. Of 0.3.23: it takes logical addresses of file extents for
/// places on the device, so that what it saves is partly free; of DUP chunks it saves one copy; and
/// it rounds to tree blocks.
class SpaceTest {
  private static final int UNIT = 4096;
  private static final Pattern EXTENT =
      Pattern.compile("item \\d+ key \\((\\d+) (EXTENT|METADATA)_ITEM (\\d+)\\)");
  private static final Pattern CHUNK =
      Pattern.compile(
          "CHUNK_ITEM (\\d+)\\) .*\\n\\s*length (\\d+)|stripe \\d+ devid 1 offset (\\d+)");

  @TempDir(factory = InMemory.class)
  Path directory;

  private static final String FILL =
      """
      mkdir d; for i in $(seq 1 300); do head -c $((i * 97)) /dev/urandom > d/$i; done
      sync -f .; rm d/*7; fallocate -l 3M setaside; cp --reflink=always d/300 shared
      btrfs -q subvolume snapshot . snapshot; rm d/*5
      head -c 5000000 /dev/urandom > random; cp random copy; sync -f .; rm random
      for i in $(seq 1 3 1200); do fallocate -p -o $((i * 4096)) -l 4096 copy; done
      """;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-m dup -d single -R free-space-tree",
        "-m dup -d dup -R ^free-space-tree",
        "--mixed -R free-space-tree",
        "-m single -n 4096 -R ^free-space-tree -O ^skinny-metadata"
      })
  void whatIsInUseIsWhatTheExtentTreeSays(String options) throws IOException {
    BtrfsImage image = BtrfsImage.make(directory, 300, options.split(" "));
    try (Mounted mounted = image.mount("rw")) {
      mounted.shell(FILL);
    }
    BitSet used = used(image);
    boolean smallNodes = options.contains("mixed") || options.contains("4096");
    BitSet different = dumped(image, smallNodes ? 4096 : 16384);
    different.xor(used);
    assertThat(different.stream()).as("units in use by us or the dump, not by both").isEmpty();
    Oracle.named("btrfs")
        .run("check", "--check-data-csum", restored(image, used).path())
        .succeeds();
    image.read(fs -> {
      long bookkeeping = (2 << 20) + (128 << 10); // first mebibyte and superblocks are in no group
      long free = (300L << 20) - (long) used.cardinality() * UNIT;
      assertThat(fs.facts().free()).isBetween(free, free + bookkeeping);
    });
  }

  @Test
  void anUnreplayedLogIsInUse() throws IOException {
    BtrfsImage image = BtrfsImage.make(directory, 200, "-m", "dup");
    BtrfsImage crashed = new BtrfsImage(directory.resolve("crashed"));
    try (Mounted mounted = image.mount("rw,commit=300")) {
      mounted.shell("head -c 1000000 /dev/urandom > before; sync -f .");
      mounted.shell("seq 1 100000 > logged; xfs_io -c fsync logged");
      Files.copy(image.path(), crashed.path());
    }
    crashed.read(fs -> {
      assertThat(fs.facts().clean()).isFalse();
      assertThat(fs.find("/logged")).isEmpty();
      assertThat(fs.find("/before").orElseThrow().size()).isEqualTo(1_000_000);
    });
    BtrfsImage restored = restored(crashed, used(crashed));
    try (Mounted mounted = restored.mount("rw")) {
      mounted.shell("cmp logged <(seq 1 100000)");
    }
    restored.check();
    restored.read(fs -> {
      assertThat(fs.facts().clean()).isTrue();
      assertThat(fs.find("/logged")).isPresent();
    });
  }

  private static BitSet used(BtrfsImage image) throws IOException {
    BitSet used = new BitSet();
    image.read(fs ->
        fs.usedRuns((offset, length) -> {
          assertThat(used.length() * (long) UNIT).isLessThan(Math.max(1, offset));
          used.set((int) (offset / UNIT), (int) ((offset + length) / UNIT));
        }));
    return used;
  }

  /// A copy of the blocks in use alone.
  private BtrfsImage restored(BtrfsImage image, BitSet used) throws IOException {
    BtrfsImage restored = new BtrfsImage(Files.createTempFile(directory, "restored", ".img"));
    try (var file = new RandomAccessFile(image.path().toFile(), "r");
        var copy = new RandomAccessFile(restored.path().toFile(), "rw")) {
      copy.setLength(file.length());
      byte[] bytes = new byte[UNIT];
      for (int unit : used.stream().toArray()) {
        file.seek((long) unit * UNIT);
        file.readFully(bytes);
        copy.seek((long) unit * UNIT);
        copy.write(bytes);
      }
    }
    return restored;
  }

  /// What the extents that btrfs-progs tells of take, in each copy; the first mebibyte, and the
  /// superblocks.
  private static BitSet dumped(BtrfsImage image, long nodeSize) {
    BitSet logical = new BitSet();
    Matcher extent = EXTENT.matcher(dump(image, "extent"));
    while (extent.find()) {
      int at = (int) (Long.parseLong(extent.group(1)) / UNIT);
      long length = extent.group(2).equals("METADATA") ? nodeSize : Long.parseLong(extent.group(3));
      logical.set(at, at + (int) (length / UNIT));
    }
    BitSet used = new BitSet();
    used.set(0, (1 << 20) / UNIT);
    used.set((64 << 20) / UNIT);
    Matcher chunk = CHUNK.matcher(dump(image, "chunk"));
    int start = 0;
    int length = 0;
    while (chunk.find()) {
      if (chunk.group(1) != null) {
        start = (int) (Long.parseLong(chunk.group(1)) / UNIT);
        length = (int) (Long.parseLong(chunk.group(2)) / UNIT);
      } else {
        int place = (int) (Long.parseLong(chunk.group(3)) / UNIT);
        logical.get(start, start + length).stream().forEach(unit -> used.set(place + unit));
      }
    }
    return used;
  }

  private static String dump(BtrfsImage image, String tree) {
    return Oracle.named("btrfs")
        .run("inspect-internal", "dump-tree", "-t", tree, image.path())
        .succeeds()
        .out();
  }
}
