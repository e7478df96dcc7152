package io.calco.disk.wrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// An image in a wrapper is opened as if it lay there bare.
class ImageInWrappersTest {
  private static final int SIZE = 3 << 20;

  @TempDir Path dir;

  /// `disk.qcow2` and `disk.raw`, and what a command makes of them.
  private byte[] pack(String command) throws IOException {
    byte[] plain = Samples.disk(SIZE, new Random(1));
    Files.write(dir.resolve("disk.raw"), plain);
    String make = "qemu-img convert -c -O qcow2 disk.raw disk.qcow2";
    Oracle.named("qemu-img");
    Oracle.named("sh").run("-c", "cd %s && %s && %s".formatted(dir, make, command)).succeeds();
    return plain;
  }

  @ParameterizedTest
  @CsvSource({
    "disk.qcow2.gz, qcow2, gz, gzip -k disk.qcow2",
    "disk.raw.zst, raw, zst, zstd -qk disk.raw",
    "disk.raw.xz, raw, xz, xz -1k disk.raw",
    "disk.qcow2.bz2, qcow2, bz2, bzip2 -k disk.qcow2",
    "disk.raw.lz4, raw, lz4, lz4 -qk disk.raw disk.raw.lz4",
    "disk.zip, qcow2, zip, zip -q disk.zip disk.qcow2",
    "gce.tar.gz, raw, gz tar, tar -Sczf gce.tar.gz --format=oldgnu disk.raw",
    "disk.raw.gz.aa, raw, gz, gzip -k disk.raw && split -b 100000 disk.raw.gz disk.raw.gz.",
  })
  void isOpened(String file, String format, String wrappers, String command) throws IOException {
    byte[] plain = pack(command);
    try (Image image = Image.open(dir.resolve(file), ImageOptions.reading())) {
      assertThat(image.format()).isEqualTo(format);
      assertThat(image.wrappers()).isEqualTo(List.of(wrappers.split(" ")));
      assertThat(image.disk().size()).isEqualTo(SIZE);
      assertThat(Arrays.equals(image.disk().readBytes(0, SIZE), plain)).isTrue();
    }
  }

  @Test
  void isNotTakenOutOfOneThatItsFormatDoesNotName() throws IOException {
    pack("gzip -k disk.qcow2");
    Path file = dir.resolve("disk.qcow2.gz");
    try (Image image = Image.open(file, ImageOptions.reading().withFormat("raw"))) {
      assertThat(image.wrappers()).isEmpty();
      assertThat(image.disk().readBytes(0, 2)).containsExactly(0x1f, 0x8b);
    }
  }

  @Test
  void isNotWritten() throws IOException {
    pack("gzip -k disk.qcow2");
    ImageOptions writing = ImageOptions.reading().with(ImageOptions.Access.WRITE);
    assertThatThrownBy(() -> Image.open(dir.resolve("disk.qcow2.gz"), writing).close())
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("is packed (gz) and cannot be changed in there");
  }
}
