package io.calco.fs.ext;

import io.calco.disk.Disk;
import io.calco.disk.MemoryDriver;
import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileSystem;
import io.calco.fs.Fuzz;
import io.calco.fs.InMemory;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever stands in an image, only our exceptions come out, soon and with little memory.
class FuzzTest {
  private static final FileAttributes ATTRIBUTES = FileAttributes.root(0644, Instant.EPOCH);

  @TempDir(factory = InMemory.class)
  Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-t ext4 -b 1024 -O ^metadata_csum",
        "-t ext4 -b 1024 -O ^metadata_csum,inline_data -g 1024",
        "-t ext3 -b 1024",
        "-t ext4 -b 1024"
      })
  void onlyOurExceptions(String options) throws IOException {
    byte[] image = image(options);
    Fuzz.run(
        800,
        random -> {
          byte[] mutated = image.clone();
          mutate(mutated, random);
          Fuzz.read(new ExtFileSystemType(), mutated.clone());
          shrink(mutated.clone());
          write(java.util.Arrays.copyOf(mutated, mutated.length + (3 << 20)));
        });
  }

  private byte[] image(String options) throws IOException {
    ExtImage image = ExtImage.make(directory, 4, options.split(" "));
    Oracle.named("debugfs").run("-w", "-R", "set_super_value lastcheck 0", image.path()).succeeds();
    image.write(fs -> {
      fs.createDirectory("/d", ATTRIBUTES);
      for (int i = 0; i < 120; i++) {
        fs.write("/d/file with a longer name " + i, new byte[i * 40], ATTRIBUTES);
      }
      fs.write("/big", new byte[300_000], ATTRIBUTES);
      fs.setExtendedAttribute("/big", "user.x", Optional.of(new byte[500]));
      fs.createLink("/link", "l".repeat(100), ATTRIBUTES);
    });
    return Files.readAllBytes(image.path());
  }

  /// Changes a few bytes of the parts that mean something.
  private static void mutate(byte[] image, Random random) {
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      int at =
          switch (random.nextInt(4)) {
            case 0 -> 1024 + random.nextInt(1024);
            case 1 -> 2048 + random.nextInt(4096);
            default -> metadata(image, random);
          };
      switch (random.nextInt(4)) {
        case 0 -> image[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> image[at] = (byte) random.nextInt(256);
        case 2 -> LittleEndian.put32(image, at & ~3, random.nextInt());
        default -> LittleEndian.put16(image, at & ~1, random.nextInt(5) - 2);
      }
    }
    // Past the superblock's own checksum, or nothing behind it would be reached.
    byte[] sb = java.util.Arrays.copyOfRange(image, 1024, 2048);
    LittleEndian.put32(image, 1024 + 0x3FC, Crc32c.update(-1, sb, 0, 0x3FC));
  }

  /// A byte of a block that is not all zero.
  private static int metadata(byte[] image, Random random) {
    for (int tries = 0; tries < 200; tries++) {
      int block = random.nextInt(image.length / 1024);
      int at = block * 1024 + (random.nextBoolean() ? random.nextInt(1024) : random.nextInt(64));
      for (int i = 0; i < 8; i++) {
        if (image[(at + i) % image.length] != 0) {
          return at;
        }
      }
    }
    return 2048;
  }

  private static void shrink(byte[] image) throws IOException {
    ExtFileSystemType type = new ExtFileSystemType();
    try (Disk disk = Disk.owning(new MemoryDriver(image))) {
      Fuzz.quietly(() -> type.leastSize(disk));
      Fuzz.quietly(() -> {
        try (Disk smaller = type.shrunk(disk, 5 << 19)) {
          smaller.readBytes(0, (int) smaller.size());
        }
      });
    }
  }

  private static void write(byte[] image) throws IOException {
    Fuzz.quietly(() -> {
      try (Disk disk = Disk.owning(new MemoryDriver(image));
          FileSystem fs = new ExtFileSystemType().openWritable(disk)) {
        Fuzz.quietly(() -> fs.write("/new", new byte[10_000], ATTRIBUTES));
        Fuzz.quietly(() -> fs.write("/d/new", new byte[100], ATTRIBUTES));
        Fuzz.quietly(() -> fs.delete("/big"));
        Fuzz.quietly(() -> fs.delete("/link"));
        for (int i = 0; i < 20; i++) {
          String path = "/d/file with a longer name " + i * 5;
          Fuzz.quietly(() -> fs.delete(path));
        }
        Fuzz.quietly(() -> fs.rename("/d", "/e"));
        Fuzz.quietly(() -> fs.createDirectory("/e/f", ATTRIBUTES));
        Fuzz.quietly(fs::trim);
        Fuzz.quietly(fs::growToDisk);
      }
    });
  }
}
