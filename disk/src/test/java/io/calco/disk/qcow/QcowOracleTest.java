package io.calco.disk.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.Imports;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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
  void readsEncryptedClusters() throws IOException {
    Path image = dir.resolve("secret");
    String secret = "secret,id=s,data=geheim";
    String unlocked = "driver=qcow,encrypt.key-secret=s,file.filename=" + image;
    Imports.qemuImg()
        .run(
            "create",
            "-f",
            "qcow",
            "--object",
            secret,
            "-o",
            "encrypt.format=aes,encrypt.key-secret=s",
            image,
            SIZE)
        .succeeds();
    Oracle.named("qemu-io")
        .run(
            "--object",
            secret,
            "-c",
            "write -P 5 2M 100k",
            "-c",
            "write -P 6 1k 100k",
            "-c",
            "write -P 8 1M 512",
            "-c",
            "write -c -P 9 3M 4k",
            "--image-opts",
            unlocked)
        .succeeds();
    Path raw = dir.resolve("secret.raw");
    Imports.qemuImg()
        .run("convert", "--object", secret, "--image-opts", unlocked, "-O", "raw", raw)
        .succeeds();
    ImageOptions reading = ImageOptions.reading();
    Passphrase passphrase = Passphrase.of("geheim".getBytes(StandardCharsets.UTF_8));
    try (Image open = Image.open(image, reading.with(passphrase))) {
      byte[] found = open.disk().readBytes(0, SIZE);
      assertThat(Arrays.mismatch(found, Files.readAllBytes(raw))).isEqualTo(-1);
      assertThat(open.info().encrypted()).isTrue();
    }
    try (Image locked = Image.open(image, reading)) {
      assertThatThrownBy(() -> locked.disk().readBytes(0, 1))
          .isInstanceOf(PassphraseException.class);
    }
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
