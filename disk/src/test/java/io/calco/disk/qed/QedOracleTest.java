package io.calco.disk.qed;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.Imports;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// QED images that QEMU made.
class QedOracleTest {
  private static final int SIZE = 5 << 20;

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster_size=4096,table_size=2",
        "cluster_size=8192,table_size=16",
        "cluster_size=65536,table_size=4",
        "cluster_size=1M,table_size=2"
      })
  void readsAndVerifiesWhatQemuWrote(String layout) {
    Seeds.run(
        1,
        random -> {
          Path base = dir.resolve("base");
          Path image = dir.resolve("image");
          Files.deleteIfExists(base);
          Imports.qemuImg().run("create", "-f", "qed", "-o", layout, base, SIZE / 2).succeeds();
          Imports.writeSome(base, "qed", SIZE / 2, random);
          Imports.assertReads(base, "qed", Imports.qemuRead(base, "qed"), random);
          Imports.assertSameCheck(base, "qed");
          Imports.qemuImg()
              .run("create", "-f", "qed", "-o", layout, "-F", "qed", "-b", "base", image, SIZE)
              .succeeds();
          Imports.writeSome(image, "qed", SIZE, random);
          Imports.assertReads(image, "qed", Imports.qemuRead(image, "qed"), random);
          Imports.assertSameCheck(image, "qed");
        });
  }

  @Test
  void knowsARawBackingImage() throws IOException {
    Path base = dir.resolve("base");
    Path image = dir.resolve("image");
    Files.write(base, Imports.content(SIZE, new java.util.Random(5)));
    Imports.qemuImg().run("create", "-f", "qed", "-F", "raw", "-b", base, image).succeeds();
    Imports.assertReads(image, "qed", Files.readAllBytes(base), new java.util.Random(6));
    try (Image open = Image.open(image, ImageOptions.reading())) {
      assertThat(open.info().backing().orElseThrow().format()).isEqualTo(Optional.of("raw"));
    }
  }

  /// Entries that point outside, at each other or nowhere: counted as QEMU counts them.
  @Test
  void findsWhatQemuFinds() {
    Seeds.run(
        10,
        random -> {
          Path image = dir.resolve("broken");
          Files.deleteIfExists(image);
          Imports.qemuImg()
              .run("create", "-f", "qed", "-o", "cluster_size=4096,table_size=2", image, SIZE)
              .succeeds();
          Imports.writeSome(image, "qed", SIZE, random);
          try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            long clusters = file.length() / 4096;
            for (int i = 0; i < 4; i++) {
              file.seek(12288 + random.nextInt(600) * 8L);
              long value = random.nextLong(clusters + 4) * 4096 + (random.nextInt(4) == 0 ? 8 : 0);
              file.writeLong(Long.reverseBytes(value));
            }
          }
          Imports.assertSameCheck(image, "qed");
        });
  }
}
