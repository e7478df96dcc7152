package io.calco.fs.btrfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.DiskDriver;
import io.calco.disk.Extent;
import io.calco.disk.ZeroMode;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileDisk;
import io.calco.fs.FileSystem;
import io.calco.fs.Fuzz;
import io.calco.fs.InMemory;
import io.calco.fs.Mounted;
import io.calco.fs.SubvolumeFileSystem;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever stands in an image, only our exceptions come out, soon and with little memory. Changed
/// blocks get right checksums, or nothing behind those would be reached.
class FuzzTest {
  private static final int NODE = 4096;

  @TempDir(factory = InMemory.class)
  Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"zlib", "lzo", "zstd"})
  void onlyOurExceptions(String compression) throws IOException {
    BtrfsImage image = BtrfsImage.make(directory, 64, "--mixed");
    try (Mounted mounted = image.mount("rw,compress-force=" + compression)) {
      mounted.shell(
          """
          mkdir d; for i in $(seq 1 150); do echo content > "d/a file with a longer name $i"; done
          seq 1 40000 > numbers; fallocate -l 100000 setaside; truncate -s 1M setaside
          seq 1 100 > inline; head -c 50000 /dev/urandom > random; ln -s target link
          btrfs -q subvolume create sub; cp --reflink=always numbers sub
          btrfs -q subvolume snapshot . snapshot
          """);
    }
    try (Disk disk = FileDisk.readOnly(image.path())) {
      List<Long> blocks = treeBlocks(disk);
      assertThat(blocks).hasSizeGreaterThan(15);
      Fuzz.run(800, random -> read(new Mutated(disk, blocks, random)));
    }
  }

  /// Where blocks stand that are part of some tree, or were.
  private static List<Long> treeBlocks(Disk disk) throws IOException {
    List<Long> blocks = new ArrayList<>(List.of(64L << 10, 64L << 10));
    for (long at = 1 << 20; at < disk.size(); at += NODE) {
      if (Checksum.CRC32C.matches(disk.readBytes(at, NODE))) {
        blocks.add(at);
      }
    }
    return blocks;
  }

  /// A disk with some bytes changed.
  private static final class Mutated implements DiskDriver {
    private final Disk disk;
    private final Map<Long, byte[]> changed = new HashMap<>();

    Mutated(Disk disk, List<Long> blocks, Random random) throws IOException {
      this.disk = disk;
      for (int i = random.nextInt(4); i >= 0; i--) {
        boolean tree = random.nextInt(8) > 0;
        long at =
            tree
                ? blocks.get(random.nextInt(blocks.size()))
                : random.nextLong(disk.size() / NODE) * NODE;
        byte[] block = disk.readBytes(at, NODE);
        for (int j = random.nextInt(3); j >= 0; j--) {
          mutate(block, random);
        }
        if (tree) {
          byte[] sum = Checksum.CRC32C.of(block, Checksum.AREA, NODE);
          System.arraycopy(sum, 0, block, 0, sum.length);
        }
        changed.put(at, block);
      }
    }

    private static void mutate(byte[] block, Random random) {
      int at = 32 + random.nextInt(random.nextBoolean() ? block.length - 40 : 200);
      for (int tries = 0; tries < 50 && block[at] == 0; tries++) {
        at = 32 + random.nextInt(block.length - 40);
      }
      switch (random.nextInt(5)) {
        case 0 -> block[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> block[at] = (byte) random.nextInt(256);
        case 2 -> LittleEndian.put32(block, at & ~3, random.nextInt());
        case 3 -> LittleEndian.put64(block, at, random.nextLong() >> random.nextInt(64));
        default -> LittleEndian.put16(block, at & ~1, random.nextInt(5) - 2);
      }
    }

    @Override
    public long size() {
      return disk.size();
    }

    @Override
    public DiskCapabilities capabilities() {
      return disk.capabilities().readOnly();
    }

    @Override
    public void read(long offset, MemorySegment dst) throws IOException {
      disk.read(offset, dst);
      for (Map.Entry<Long, byte[]> entry : changed.entrySet()) {
        long from = Math.max(offset, entry.getKey());
        long end = Math.min(offset + dst.byteSize(), entry.getKey() + NODE);
        if (from < end) {
          MemorySegment block = MemorySegment.ofArray(entry.getValue());
          MemorySegment.copy(block, from - entry.getKey(), dst, from - offset, end - from);
        }
      }
    }

    @Override
    public void write(long offset, MemorySegment src) {
      throw new IllegalStateException();
    }

    @Override
    public void writeZeroes(long offset, long length, ZeroMode mode) {
      throw new IllegalStateException();
    }

    @Override
    public void discard(long offset, long length) {
      throw new IllegalStateException();
    }

    @Override
    public Extent extentAt(long offset, long maxLength) {
      return new Extent(offset, maxLength, true, false);
    }

    @Override
    public void resize(long newSize) {
      throw new IllegalStateException();
    }

    @Override
    public void flush() {}

    @Override
    public void sync() {}

    @Override
    public void close() {}
  }

  private static void read(DiskDriver driver) throws IOException {
    BtrfsFileSystemType type = new BtrfsFileSystemType();
    Fuzz.quietly(() -> {
      Disk disk = Disk.owning(driver);
      try (Disk shrunk = type.shrunk(disk, type.leastSize(disk))) {
        type.openReadOnly(shrunk).close();
      }
    });
    Fuzz.quietly(() -> {
      try (Disk disk = Disk.owning(driver);
          FileSystem fs = new BtrfsFileSystemType().openReadOnly(disk)) {
        Fuzz.quietly(() -> ((SubvolumeFileSystem) fs).subvolumes());
        Fuzz.read(fs, disk.size());
      }
    });
  }

  /// Packed bytes of any kind unpack to some, or are refused.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void packedBytesAreNotTrusted(int kind) {
    Fuzz.run(
        200,
        random -> {
          byte[] packed = new byte[random.nextInt(5000)];
          random.nextBytes(packed);
          if (packed.length > 20) {
            LittleEndian.put32(packed, 0, packed.length);
            LittleEndian.put32(packed, 4, packed.length - 8);
            Arrays.fill(packed, 8, 9 + random.nextInt(10), (byte) random.nextInt(64));
          }
          try {
            Compression.numbered(kind).unpack(packed, new byte[128 << 10], 4096);
          } catch (IOException e) {
            assertThat(e).hasMessageMatching("(?s).+");
          }
        });
  }
}
