package io.calco.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.BesideFile;
import io.calco.disk.CorruptImageException;
import io.calco.disk.CreateOptions;
import io.calco.disk.DiskException;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.NewImage;
import io.calco.disk.OpenDeniedException;
import io.calco.disk.OpenPolicy;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.ZeroMode;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Images whose guest bytes lie in another file.
class DataFileTest {
  private static final int SIZE = 1 << 20;

  @TempDir Path dir;

  private void create(Path image, String options) throws IOException {
    CreateOptions create = new CreateOptions(SIZE, Optional.empty(), Images.options(options));
    try (NewImage made = NewImage.create(image, "qcow2", create)) {
      made.publish(BesideFile.Durability.LEFT_TO_THE_SYSTEM);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data_file=data",
        "data_file=data,data_file_raw=on",
        "data_file=data,cluster_size=4096",
        "data_file=data,cluster_size=4096,data_file_raw=on",
        "data_file=data,cluster_size=16384,extended_l2=on",
        "data_file=data,cluster_size=16384,extended_l2=on,data_file_raw=on",
        "data_file=data,preallocation=full",
      })
  void areWrittenAsQemuReadsThem(String options) {
    Seeds.run(2, random -> write(options, random));
  }

  private void write(String options, Random random) throws IOException {
    Path image = dir.resolve("image.qcow2");
    create(image, options);
    byte[] model = new byte[SIZE];
    for (int session = 0; session < 3; session++) {
      try (Image open = Images.open(image, ImageOptions.Access.WRITE)) {
        for (int i = 0; i < 12; i++) {
          model = change(open, model, random);
        }
      }
      Oracle.Run check =
          Qemu.img().run("check", "--output", "json", "--image-opts", options(image)).succeeds();
      Qcow2OracleTest.assertSameCheck(image, check);
      assertThat(Images.difference(Images.read(image), model)).isEqualTo(-1);
      assertThat(Images.difference(theirs(image), model)).isEqualTo(-1);
      if (options.contains("raw")) {
        byte[] data = Arrays.copyOf(Files.readAllBytes(dir.resolve("data")), model.length);
        assertThat(Images.difference(data, model)).isEqualTo(-1);
      }
    }
  }

  private static byte[] change(Image image, byte[] model, Random random) throws IOException {
    int offset = random.nextInt(model.length);
    int length = 1 + random.nextInt(Math.min(model.length - offset, 1 << random.nextInt(18)));
    switch (random.nextInt(7)) {
      case 0 -> {
        ZeroMode mode = random.nextBoolean() ? ZeroMode.MAY_UNMAP : ZeroMode.KEEP_ALLOCATED;
        image.disk().writeZeroes(offset, length, mode);
        Arrays.fill(model, offset, offset + length, (byte) 0);
      }
      case 1 -> {
        image.disk().discard(offset, length);
        System.arraycopy(image.disk().readBytes(offset, length), 0, model, offset, length);
      }
      case 2 -> {
        int size = SIZE / 2 + random.nextInt(SIZE) / 512 * 512;
        image.disk().resize(size);
        return Arrays.copyOf(model, size);
      }
      default -> {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        image.disk().writeBytes(offset, bytes);
        System.arraycopy(bytes, 0, model, offset, length);
      }
    }
    return model;
  }

  /// QEMU resolves a relative name against its working directory.
  private byte[] theirs(Path image) throws IOException {
    Path raw = dir.resolve("out.raw");
    Qemu.img().run("convert", "--image-opts", "-O", "raw", options(image), raw).succeeds();
    return Files.readAllBytes(raw);
  }

  private String options(Path image) {
    return "driver=qcow2,file.filename=%s,data-file.filename=%s"
        .formatted(image, dir.resolve("data"));
  }

  @Test
  void areReadAsQemuWroteThem() throws IOException {
    Path image = dir.resolve("theirs.qcow2");
    Path data = dir.resolve("theirs.data");
    Qemu.img().run("create", "-f", "qcow2", "-o", "data_file=" + data, image, SIZE).succeeds();
    Qemu.io(
        image,
        java.util.List.of(
            "write -P 3 0 100k", "write -P 4 300k 70k", "write -z 64k 64k", "discard 320k 64k"));
    assertThat(Images.difference(Images.read(image), Qemu.read(image))).isEqualTo(-1);
    Qcow2OracleTest.assertSameCheck(image);
    try (Image open = Images.open(image, ImageOptions.Access.METADATA)) {
      assertThat(open.info().specific())
          .containsEntry("data-file", data.toString())
          .containsEntry("data-file-raw", false);
    }
  }

  @Test
  void areOpenedBehindThePolicy() throws IOException {
    Path image = dir.resolve("image.qcow2");
    create(image, "data_file=data");
    ImageOptions denied = ImageOptions.reading().withFormat("qcow2").with(OpenPolicy.denyAll());
    try (Image open = Image.open(image, denied.with(ImageOptions.Access.METADATA))) {
      assertThat(open.info().specific()).containsEntry("data-file", "data");
    }
    try (Image open = Image.open(image, denied)) {
      assertThatThrownBy(() -> open.disk().readBytes(0, 1)).isInstanceOf(OpenDeniedException.class);
    }
    Files.delete(dir.resolve("data"));
    try (Image open = Images.open(image, ImageOptions.Access.READ)) {
      assertThatThrownBy(() -> open.disk().readBytes(0, 1)).isInstanceOf(IOException.class);
    }
  }

  /// Where a cluster lies elsewhere than the guest sees it, the image lies.
  @Test
  void hostAndGuestOffsetsAgree() throws IOException {
    Path image = dir.resolve("image.qcow2");
    create(image, "data_file=data,data_file_raw=on");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.seek(40);
      file.seek(file.readLong());
      file.seek(file.readLong() & Long.MAX_VALUE);
      file.writeLong(0x8000_0000_0001_0000L);
    }
    try (Image open = Images.open(image, ImageOptions.Access.READ)) {
      assertThatThrownBy(() -> open.disk().readBytes(0, 1))
          .isInstanceOf(CorruptImageException.class);
    }
  }

  @Test
  void refusals() throws IOException {
    Path image = dir.resolve("image.qcow2");
    for (String bad :
        new String[] {
          "data_file_raw=on",
          "data_file=data,compat=0.10",
          "data_file=../data",
          "data_file=image.qcow2"
        }) {
      assertThatThrownBy(() -> create(image, bad))
          .isInstanceOfAny(DiskException.class, IllegalArgumentException.class);
    }
    create(image, "data_file=data");
    try (Image open = Images.open(image, ImageOptions.Access.WRITE)) {
      assertThatThrownBy(() -> open.snapshots().orElseThrow().create("s"))
          .isInstanceOf(UnsupportedFeatureException.class);
    }
  }
}
