package io.calco.fs.fat;

import io.calco.disk.Disk;
import io.calco.disk.MemoryDriver;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileSystem;
import io.calco.fs.Fuzz;
import io.calco.fs.InMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever stands in an image, only our exceptions come out, soon and with little memory.
class FuzzTest {
  private static final FileAttributes ATTRIBUTES = FileAttributes.root(0644, Instant.EPOCH);

  @TempDir(factory = InMemory.class)
  Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"360 -F 12", "5000 -F 16 -s 1 -r 112", "600 -F 32 -s 1"})
  void onlyOurExceptions(String options) throws IOException {
    String[] words = options.split(" ");
    FatImage image =
        FatImage.make(
            directory, Long.parseLong(words[0]), Arrays.copyOfRange(words, 1, words.length));
    image.write(fs -> {
      fs.createDirectory("/d", ATTRIBUTES);
      fs.createDirectory("/d/e", ATTRIBUTES);
      for (int i = 0; i < 60; i++) {
        fs.write("/d/file with a longer name " + i, new byte[i * 40], ATTRIBUTES);
      }
      fs.write("/gone", new byte[40_000], ATTRIBUTES);
      fs.write("/big", new byte[50_000], ATTRIBUTES);
      fs.delete("/gone");
    });
    Fuzz.run(
        Files.readAllBytes(image.path()),
        512,
        (mutated, random) -> {
          Fuzz.read(new FatFileSystemType(), mutated.clone());
          shrink(mutated);
          write(mutated);
        });
  }

  private static void shrink(byte[] image) throws IOException {
    FatFileSystemType type = new FatFileSystemType();
    try (Disk disk = Disk.owning(new MemoryDriver(image))) {
      long[] least = {image.length / 2};
      Fuzz.quietly(() -> least[0] = type.leastSize(disk));
      Fuzz.quietly(() -> {
        try (Disk smaller = type.shrunk(disk, least[0])) {
          smaller.readBytes(0, (int) smaller.size());
        }
      });
    }
  }

  private static void write(byte[] image) throws IOException {
    Fuzz.quietly(() -> {
      try (Disk disk = Disk.owning(new MemoryDriver(image));
          FileSystem fs = new FatFileSystemType().openWritable(disk)) {
        Fuzz.quietly(() -> fs.write("/new", new byte[10_000], ATTRIBUTES));
        Fuzz.quietly(() -> fs.write("/d/another new one", new byte[100], ATTRIBUTES));
        Fuzz.quietly(() -> fs.delete("/big"));
        for (int i = 0; i < 20; i++) {
          String path = "/d/file with a longer name " + i * 3;
          Fuzz.quietly(() -> fs.delete(path));
        }
        Fuzz.quietly(() -> fs.truncate("/d/file with a longer name 1", 9000));
        Fuzz.quietly(() -> fs.rename("/d", "/f"));
        Fuzz.quietly(() -> fs.rename("/f/e", "/e"));
        Fuzz.quietly(() -> fs.createDirectory("/f/g", ATTRIBUTES));
        Fuzz.quietly(fs::trim);
      }
    });
  }
}
