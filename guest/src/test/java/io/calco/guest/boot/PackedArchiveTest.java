package io.calco.guest.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Initial RAM file systems as cpio and the usual compressors make them.
class PackedArchiveTest {
  @TempDir private Path directory;

  private byte[] archive(String packer) {
    String script =
        """
        cd '%s'
        mkdir -p early/kernel main/etc/cmdline.d
        head -c 70001 /dev/zero | tr '\\0' u > early/kernel/microcode
        head -c 3000000 /dev/urandom > main/noise
        echo 'root=UUID=0a1b2c3d-aaaa-bbbb-cccc-123456789abc' > main/etc/cmdline.d/root.conf
        (cd early && find . | cpio --quiet -o -H newc) > initrd
        head -c 512 /dev/zero >> initrd
        (cd main && find . | LC_ALL=C sort | cpio --quiet -o -H newc) | %s >> initrd
        """
            .formatted(directory, packer);
    Oracle.named("bash").run("-ec", script).succeeds();
    try {
      return Files.readAllBytes(directory.resolve("initrd"));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String unpacked(byte[] image) throws IOException {
    StringBuilder text = new StringBuilder();
    PackedArchive.read(
        new ByteArrayInputStream(image),
        (bytes, length) -> {
          text.append(new String(bytes, 0, length, java.nio.charset.StandardCharsets.ISO_8859_1));
          return true;
        });
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"cat", "gzip", "xz --check=crc32", "xz --format=lzma", "zstd -q -19", "lz4 -l -q"})
  void whatIsInItIsSeenWhateverPackedIt(String packer) throws IOException {
    assertThat(unpacked(archive(packer)))
        .contains("0a1b2c3d-aaaa-bbbb-cccc-123456789abc")
        .contains("u".repeat(70_001));
  }

  @Test
  void whatCannotBeUnpackedIsSaid() {
    byte[] image = archive("bzip2");
    assertThatThrownBy(() -> unpacked(image)).isInstanceOf(IOException.class);
  }

  @Test
  void damageGivesAnIoException() throws IOException {
    byte[] image = archive("zstd -q");
    Seeds.run(40, random -> damage(image.clone(), random));
    byte[] plain = archive("gzip");
    Seeds.run(40, random -> damage(plain.clone(), random));
  }

  private static void damage(byte[] image, Random random) {
    for (int i = 0; i < 3; i++) {
      image[random.nextInt(2000)] = (byte) random.nextInt();
      image[random.nextInt(image.length)] = (byte) random.nextInt();
    }
    try {
      unpacked(image);
    } catch (IOException e) {
      assertThat(e).isNotNull();
    }
  }
}
