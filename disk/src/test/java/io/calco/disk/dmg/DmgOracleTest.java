package io.calco.disk.dmg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.FormatDisk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.Imports;
import io.calco.disk.MemoryFile;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import io.calco.testkit.Shared;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Apple disk images, made as the format is described: what we read, QEMU or dmg2img reads too.
class DmgOracleTest {
  private static final int SIZE = 700_000 / 512 * 512;

  @TempDir Path dir;

  private Path image(byte[] content, ChunkType type, Dmgs.Tables tables) throws IOException {
    Path image = dir.resolve("image.dmg");
    Files.write(image, Dmgs.pack(content, type, tables, dir));
    return image;
  }

  @ParameterizedTest
  @EnumSource(
      value = ChunkType.class,
      names = {"RAW", "ZLIB"})
  void readsAsQemuReads(ChunkType type) {
    Seeds.run(
        2,
        random -> {
          byte[] content = Imports.content(SIZE, random);
          for (Dmgs.Tables tables : Dmgs.Tables.values()) {
            Path image = image(content, type, tables);
            assertThat(Arrays.mismatch(Imports.qemuRead(image, "dmg"), content)).isEqualTo(-1);
            Imports.assertReads(image, "dmg", content, random);
          }
        });
  }

  @ParameterizedTest
  @EnumSource(
      value = ChunkType.class,
      names = {"ADC", "BZIP2", "ZLIB"})
  void readsAsDmg2imgReads(ChunkType type) {
    Seeds.run(
        1,
        random -> {
          byte[] content = Imports.content(SIZE, random);
          Path image = image(content, type, Dmgs.Tables.XML);
          Path raw = dir.resolve("raw");
          Oracle.named("dmg2img").run("-s", "-i", image, "-o", raw).succeeds();
          assertThat(Arrays.mismatch(Files.readAllBytes(raw), content)).isEqualTo(-1);
          Imports.assertReads(image, "dmg", content, random);
        });
  }

  /// Packed by xz itself; QEMU and dmg2img do not read it.
  @Test
  void readsXzChunks() {
    Seeds.run(
        1,
        random -> {
          byte[] content = Imports.content(SIZE, random);
          Path image = image(content, ChunkType.LZMA, Dmgs.Tables.XML);
          Imports.assertReads(image, "dmg", content, random);
        });
  }

  @Test
  void readsARealImage() throws IOException {
    Path sample = Shared.sample("dfvfs/hfsplus_zlib.dmg");
    Imports.assertReads(sample, "dmg", Imports.qemuRead(copied(sample), "dmg"), new Random(1));
  }

  private Path copied(Path sample) throws IOException {
    return Files.copy(sample, dir.resolve("sample.dmg"));
  }

  @Test
  void refusesEncryptedImages() throws IOException {
    Path image = dir.resolve("secret.dmg");
    Files.writeString(image, "encrcdsa" + "x".repeat(1000));
    assertThatThrownBy(() -> Image.open(image, ImageOptions.reading()))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("encrypted");
  }

  @Test
  void refusesEntities() throws IOException {
    Path image = image(new byte[SIZE], ChunkType.ZLIB, Dmgs.Tables.XML);
    byte[] bytes = Files.readAllBytes(image);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    String doctype =
        "PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">";
    String entity = "[<!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
    String name = "disk &amp; image";
    String evil =
        text.replace(doctype, entity + " ".repeat(doctype.length() - entity.length()))
            .replace(name, "&x;" + " ".repeat(name.length() - 3));
    assertThat(evil).hasSameSizeAs(text).isNotEqualTo(text);
    MemoryFile file = new MemoryFile(evil.getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> new DmgFormat().openOwning(file, FormatOpenOptions.readOnly()))
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining("property list");
    assertThat(file.closed()).isTrue();
  }

  @Test
  void neverReadsBeyondItsChunks() throws IOException {
    byte[] bytes = Dmgs.pack(new byte[SIZE], ChunkType.RAW, Dmgs.Tables.XML, dir);
    bytes[bytes.length - 512 + 493] = 0x10;
    try (Disk disk =
        Disk.owning(
            new FormatDisk(
                new DmgFormat().openOwning(new MemoryFile(bytes), FormatOpenOptions.readOnly()),
                Optional.empty()))) {
      assertThat(disk.extentAt(0, disk.size()).readsZero()).isTrue();
    }
  }
}
