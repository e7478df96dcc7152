package io.calco.disk.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.Imports;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// qcow images that QEMU made.
class QcowOracleTest {
  private static final int SIZE = 5 << 20;

  @TempDir Path dir;

  @Test
  void readsWhatQemuWrote() {
    Seeds.run(
        2,
        random -> {
          Path image = dir.resolve("image" + random.nextInt());
          int size = SIZE + random.nextInt(20) * 512;
          Imports.qemuImg().run("create", "-f", "qcow", image, size).succeeds();
          Imports.writeSome(image, "qcow", size, random);
          Imports.assertReads(image, "qcow", Imports.qemuRead(image, "qcow"), random);
        });
  }

  @Test
  void readsThroughABackingImage() {
    Seeds.run(
        2,
        random -> {
          Path base = dir.resolve("base" + random.nextInt());
          Path image = dir.resolve("image" + random.nextInt());
          Imports.qemuImg().run("create", "-f", "qcow", base, SIZE / 2).succeeds();
          Imports.writeSome(base, "qcow", SIZE / 2, random);
          Imports.qemuImg()
              .run("create", "-f", "qcow", "-F", "qcow", "-b", base.getFileName(), image, SIZE)
              .succeeds();
          Imports.writeSome(image, "qcow", SIZE, random);
          Imports.assertReads(image, "qcow", Imports.qemuRead(image, "qcow"), random);
          try (Image open = Image.open(image, ImageOptions.reading())) {
            assertThat(open.chain()).hasSize(2);
            assertThat(open.info().clusterSize()).contains(512);
          }
        });
  }

  @Test
  void readsCompressedClusters() {
    Seeds.run(
        1,
        random -> {
          Path raw = dir.resolve("content");
          Path image = dir.resolve("packed");
          byte[] content = Imports.content(1 << 20, random);
          Files.write(raw, content);
          Imports.qemuImg().run("create", "-f", "qcow", image, content.length).succeeds();
          Imports.writeCompressed(image, "qcow", raw, 4096);
          Imports.assertReads(image, "qcow", content, random);
        });
  }

  @Test
  void refusesEncryption() throws IOException {
    Path image = dir.resolve("secret");
    Imports.qemuImg().run("create", "-f", "qcow", image, SIZE).succeeds();
    byte[] bytes = Files.readAllBytes(image);
    bytes[39] = 1;
    Files.write(image, bytes);
    assertThatThrownBy(() -> Image.open(image, ImageOptions.reading()))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("AES");
  }

  @Test
  void refusesToWrite() {
    Path image = dir.resolve("fixed");
    Imports.qemuImg().run("create", "-f", "qcow", image, SIZE).succeeds();
    ImageOptions writing = ImageOptions.reading().with(ImageOptions.Access.WRITE);
    assertThatThrownBy(() -> Image.open(image, writing))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageEndingWith("qcow images are only read; convert to qcow2 to write");
  }
}
