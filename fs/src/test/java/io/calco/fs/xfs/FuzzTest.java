package io.calco.fs.xfs;

import io.calco.disk.Disk;
import io.calco.disk.MemoryDriver;
import io.calco.disk.bytes.BigEndian;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileSystem;
import io.calco.fs.Fuzz;
import io.calco.fs.InMemory;
import io.calco.fs.Mounted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever stands in an image, only our exceptions come out, soon and with little memory.
class FuzzTest {
  private static final int BLOCK = 4096;

  @TempDir(factory = InMemory.class)
  Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"-m crc=1", "-m reflink=0 -i nrext64=1"})
  void onlyOurExceptions(String options) throws IOException {
    XfsImage made = XfsImage.make(directory, 32, options.split(" "));
    try (Mounted mounted = made.mount("rw")) {
      mounted.shell(
          """
          mkdir a b c; for i in $(seq 30); do echo $i > "a/file with a name $i"; done
          for i in $(seq 500); do > "b/file with a longer name $i"; done
          ln -s "$(printf 'x%.0s' $(seq 900))" long; ln -s short c/link
          for i in $(seq 60); do printf x | dd of=c/holes bs=4k seek=$((i*2)) conv=notrunc \
            status=none; done
          setfattr -n user.a -v b a; for i in $(seq 40); do setfattr -n user.n$i \
            -v "$(printf 'v%.0s' $(seq $((i * 40))))" c; done; rm -r b/*7
          """);
    }
    byte[] image = Files.readAllBytes(made.path());
    List<Integer> blocks = metadata(image);
    Fuzz.run(
        2000,
        random -> {
          byte[] saved = mutate(image, blocks, random);
          Fuzz.read(new XfsFileSystemType(), image);
          shrink(image.clone());
          write(image.clone());
          System.arraycopy(saved, 0, image, 0, image.length);
        });
  }

  /// Blocks that hold anything with a checksum.
  private static List<Integer> metadata(byte[] image) {
    List<Integer> blocks = new ArrayList<>();
    for (int block = 0; block < image.length / BLOCK; block++) {
      if (block == 0 || kind(image, block * BLOCK) != null) {
        blocks.add(block);
      }
    }
    return blocks;
  }

  @org.jspecify.annotations.Nullable
  private static Metadata kind(byte[] image, int at) {
    return switch (BigEndian.s32(image, at)) {
      case 0x41423342, 0x41423343, 0x49414233, 0x46494233, 0x52334643 -> Metadata.SHORT_BTREE;
      case 0x424D4133 -> Metadata.LONG_BTREE;
      case 0x58444233, 0x58444433, 0x58444633 -> Metadata.DIRECTORY;
      case 0x5841524D -> Metadata.REMOTE_VALUE;
      case 0x58534C4D -> Metadata.LINK;
      default -> {
        int magic = BigEndian.u16(image, at + 8);
        boolean index = magic == 0x3DF1 || magic == 0x3DFF || magic == 0x3EBE || magic == 0x3BEE;
        yield BigEndian.u16(image, at) == Inode.MAGIC
            ? Metadata.INODE
            : index ? Metadata.INDEX : null;
      }
    };
  }

  /// Changes a few bytes of metadata, and makes the checksums right again.
  private static byte[] mutate(byte[] image, List<Integer> blocks, Random random) {
    byte[] saved = image.clone();
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      int start = blocks.get(random.nextInt(random.nextInt(6) == 0 ? 1 : blocks.size())) * BLOCK;
      Metadata kind = start == 0 ? head(random) : kind(saved, start);
      int unit = kind == Metadata.INODE || start == 0 ? 512 : BLOCK;
      int base =
          start == 0
              ? (kind == Metadata.SUPERBLOCK ? 0 : kind == Metadata.AGF ? 512 : 1536)
              : start + random.nextInt(BLOCK / unit) * unit;
      int at = base + random.nextInt(random.nextBoolean() ? 256 : unit);
      switch (random.nextInt(4)) {
        case 0 -> image[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> image[at] = (byte) random.nextInt(256);
        case 2 -> BigEndian.put32(image, at & ~3, random.nextInt());
        default -> BigEndian.put16(image, at & ~1, random.nextInt(5) - 2);
      }
      if (kind != null) {
        kind.seal(image, base, unit);
      }
    }
    return saved;
  }

  private static Metadata head(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> Metadata.SUPERBLOCK;
      case 1 -> Metadata.AGF;
      default -> Metadata.AGFL;
    };
  }

  private static void shrink(byte[] image) throws IOException {
    XfsFileSystemType type = new XfsFileSystemType();
    Fuzz.quietly(() -> {
      try (Disk disk = Disk.owning(new MemoryDriver(image));
          Disk shrunk = type.shrunk(disk, type.leastSize(disk))) {
        shrunk.readBytes(0, 4096);
      }
    });
  }

  private static void write(byte[] image) throws IOException {
    FileAttributes attributes = FileAttributes.root(0644, Instant.EPOCH);
    Fuzz.quietly(() -> {
      try (Disk disk = Disk.owning(new MemoryDriver(image));
          FileSystem fs = new XfsFileSystemType().openWritable(disk)) {
        Fuzz.quietly(() -> fs.write("/new", new byte[10_000], attributes));
        Fuzz.quietly(() -> fs.write("/b/new", new byte[100], attributes));
        Fuzz.quietly(() -> fs.delete("/long"));
        Fuzz.quietly(() -> fs.delete("/c/link"));
        Fuzz.quietly(() -> fs.truncate("/c/holes", 50_000));
        Fuzz.quietly(() -> fs.delete("/c/holes"));
        Fuzz.quietly(() -> fs.setExtendedAttribute("/c", "user.n7", Optional.of(new byte[300])));
        Fuzz.quietly(() -> fs.setExtendedAttribute("/a", "user.long", Optional.of(new byte[9000])));
        for (int i = 1; i <= 30; i++) {
          String path = "/a/file with a name " + i;
          Fuzz.quietly(() -> fs.delete(path));
        }
        Fuzz.quietly(() -> fs.createDirectory("/a/d", attributes));
        Fuzz.quietly(() -> fs.createLink("/a/l", "x".repeat(800), attributes));
        Fuzz.quietly(() -> fs.rename("/b", "/e"));
        Fuzz.quietly(fs::trim);
        Fuzz.quietly(() -> fs.setUuid(new UUID(1, 2)));
      }
    });
  }
}
