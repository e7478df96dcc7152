package io.calco.fs.ntfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.disk.MemoryDriver;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileSystem;
import io.calco.fs.Fuzz;
import io.calco.fs.InMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever stands in a volume, only our exceptions come out, soon and with little memory.
class FuzzTest {
  private static final long SMALLER = 3 << 20;
  private static final FileAttributes ATTRIBUTES = FileAttributes.root(0644, Instant.EPOCH);

  @TempDir(factory = InMemory.class)
  Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"-c 1024", "-c 4096"})
  void onlyOurExceptions(String options) throws IOException {
    byte[] image = image(options);
    try (Disk disk = Disk.owning(new MemoryDriver(image.clone()));
        Disk smaller = new NtfsFileSystemType().shrunk(disk, SMALLER)) {
      assertThat(smaller.size()).isEqualTo(SMALLER);
    }
    Fuzz.run(
        1500,
        random -> {
          byte[] mutated = image.clone();
          mutate(mutated, random);
          Fuzz.read(new NtfsFileSystemType(), mutated.clone());
          shrink(mutated);
          write(mutated);
        });
  }

  private byte[] image(String options) throws IOException {
    NtfsImage image = NtfsImage.make(directory, 4, options.split(" "));
    image.shell(
        """
        setfattr -n system.ntfs_attrib_be -v 0x00000800 .
        mkdir packed; setfattr -n system.ntfs_attrib_be -v 0x00000800 packed
        seq 1 20000 > packed/numbers; setfattr -n user.stream -v value packed
        truncate -s 1M sparse; echo tail >> sparse
        for i in $(seq 120); do echo $i > "packed/a file with a longer name $i"; done
        """);
    image.write(fs -> {
      fs.createDirectory("/d", ATTRIBUTES);
      for (int i = 0; i < 120; i++) {
        fs.write("/d/file with a longer name " + i, new byte[i * 20], ATTRIBUTES);
      }
      fs.write("/big", new byte[300_000], ATTRIBUTES);
      fs.setExtendedAttribute("/big", "user.x", Optional.of(new byte[500]));
      fs.createLink("/link", "l".repeat(100), ATTRIBUTES);
    });
    return Files.readAllBytes(image.path());
  }

  /// Changes a few bytes of the parts that mean something, the ends of sectors left alone: they
  /// would be seen at once.
  private static void mutate(byte[] image, Random random) {
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      int at = random.nextInt(10) == 0 ? random.nextInt(90) : metadata(image, random);
      at = Math.min(at, (at | 511) - 5);
      switch (random.nextInt(4)) {
        case 0 -> image[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> image[at] = (byte) random.nextInt(256);
        case 2 -> LittleEndian.put32(image, at & ~3, random.nextInt());
        default -> LittleEndian.put16(image, at & ~1, random.nextInt(5) - 2);
      }
    }
  }

  /// A byte of a record or an index block.
  private static int metadata(byte[] image, Random random) {
    for (int tries = 0; tries < 20_000; tries++) {
      int at = random.nextInt(image.length / 1024) * 1024;
      int magic = LittleEndian.s32(image, at);
      if (magic == Fixups.FILE && (image[at + 0x16] & 1) != 0) {
        return at + random.nextInt(Math.min(1024, LittleEndian.s32(image, at + 0x18)));
      }
      if (magic == Fixups.INDX) {
        return at + (random.nextBoolean() ? random.nextInt(64) : random.nextInt(4096));
      }
    }
    return 16;
  }

  private static void shrink(byte[] image) throws IOException {
    NtfsFileSystemType type = new NtfsFileSystemType();
    try (Disk disk = Disk.owning(new MemoryDriver(image))) {
      Fuzz.quietly(() -> type.leastSize(disk));
      Fuzz.quietly(() -> {
        try (Disk smaller = type.shrunk(disk, SMALLER)) {
          smaller.readBytes(0, (int) smaller.size());
        }
      });
    }
  }

  private static void write(byte[] image) throws IOException {
    Fuzz.quietly(() -> {
      try (Disk disk = Disk.owning(new MemoryDriver(image));
          FileSystem fs = new NtfsFileSystemType().openWritable(disk)) {
        Fuzz.quietly(() -> fs.write("/new", new byte[10_000], ATTRIBUTES));
        Fuzz.quietly(() -> fs.write("/d/new", new byte[100], ATTRIBUTES));
        Fuzz.quietly(() -> fs.write("/packed/numbers", new byte[100], ATTRIBUTES));
        Fuzz.quietly(() -> fs.truncate("/sparse", 5000));
        Fuzz.quietly(() -> fs.delete("/big"));
        Fuzz.quietly(() -> fs.delete("/link"));
        for (int i = 0; i < 40; i++) {
          String path = "/d/file with a longer name " + i * 3;
          Fuzz.quietly(() -> fs.delete(path));
        }
        Fuzz.quietly(() -> fs.rename("/d", "/e"));
        Fuzz.quietly(() -> fs.createDirectory("/e/f", ATTRIBUTES));
        Fuzz.quietly(fs::trim);
      }
    });
  }
}
