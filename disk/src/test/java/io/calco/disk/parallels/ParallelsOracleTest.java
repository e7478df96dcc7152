package io.calco.disk.parallels;

import io.calco.disk.Imports;
import io.calco.testkit.Seeds;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Parallels images that QEMU made.
class ParallelsOracleTest {
  private static final int SIZE = 5 << 20;

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(strings = {"cluster_size=1M", "cluster_size=64k", "cluster_size=4096"})
  void readsAndVerifiesWhatQemuWrote(String layout) {
    Seeds.run(
        1,
        random -> {
          Path image = dir.resolve("image");
          Imports.qemuImg().run("create", "-f", "parallels", "-o", layout, image, SIZE).succeeds();
          Imports.writeSome(image, "parallels", SIZE, random);
          Imports.assertReads(image, "parallels", Imports.qemuRead(image, "parallels"), random);
          Imports.assertSameCheck(image, "parallels");
        });
  }

  /// The older magic, whose entries count in sectors: QEMU reads it and does not make it.
  @Test
  void readsEntriesInSectors() {
    Seeds.run(
        2,
        random -> {
          Path image = dir.resolve("image");
          Files.deleteIfExists(image);
          Imports.qemuImg()
              .run("create", "-f", "parallels", "-o", "cluster_size=32256", image, SIZE)
              .succeeds();
          Imports.writeSome(image, "parallels", SIZE, random);
          countInSectors(image);
          Imports.assertReads(image, "parallels", Imports.qemuRead(image, "parallels"), random);
          Imports.assertSameCheck(image, "parallels");
        });
  }

  private static void countInSectors(Path image) throws java.io.IOException {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.writeBytes("WithoutFreeSpace");
      file.seek(28);
      int tracks = Integer.reverseBytes(file.readInt());
      int entries = Integer.reverseBytes(file.readInt());
      for (int i = 0; i < entries; i++) {
        file.seek(64 + 4L * i);
        int entry = Integer.reverseBytes(file.readInt());
        file.seek(64 + 4L * i);
        file.writeInt(Integer.reverseBytes(entry * tracks));
      }
    }
  }

  /// Clusters outside the file, holes in the order, a file too long, the mark of use: counted as
  /// QEMU counts them.
  @Test
  void findsWhatQemuFinds() {
    Seeds.run(
        8,
        random -> {
          Path image = dir.resolve("broken");
          Files.deleteIfExists(image);
          Imports.qemuImg()
              .run("create", "-f", "parallels", "-o", "cluster_size=64k", image, SIZE)
              .succeeds();
          Imports.writeSome(image, "parallels", SIZE, random);
          try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            for (int i = 0; i < 5; i++) {
              file.seek(64 + 4L * random.nextInt(80));
              file.writeInt(Integer.reverseBytes(random.nextInt(3) == 0 ? 0 : 1000 + i));
            }
            if (random.nextBoolean()) {
              file.seek(44);
              file.writeInt(Integer.reverseBytes(0x746f6e59));
            }
            if (random.nextBoolean()) {
              file.setLength(file.length() + random.nextInt(200_000));
            }
          }
          Imports.assertSameCheck(image, "parallels");
        });
  }
}
