package io.calco.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.BackingReference;
import io.calco.disk.Companions;
import io.calco.disk.CorruptImageException;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.FormatDisk;
import io.calco.disk.FormatInfo;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.FormatVersionException;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.LimitExceededException;
import io.calco.disk.MemoryFile;
import io.calco.disk.OpenedFormat;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the header says, and what is refused by it.
class Qcow2HeaderTest {
  private static final long SIZE = 1 << 20;

  @TempDir Path dir;

  private static byte[] image(String layout) throws IOException {
    MemoryFile file = new MemoryFile();
    new Qcow2Format()
        .create(
            file,
            new CreateOptions(SIZE, Optional.empty(), Images.options(layout)),
            Companions.none());
    return file.toBytes();
  }

  private static OpenedFormat open(byte[] image, FormatOpenOptions options) throws IOException {
    return new Qcow2Format().openOwning(new MemoryFile(image), options);
  }

  private static byte[] with(byte[] image, long field, long bits) {
    MemorySegment bytes = MemorySegment.ofArray(image);
    bytes.set(Qcow2Layout.U64, field, bytes.get(Qcow2Layout.U64, field) | bits);
    return image;
  }

  @Test
  void namesUnknownFeaturesFromTheImagesTableWithoutControlCharacters() throws IOException {
    byte[] image = with(image("cluster_size=4096"), Qcow2Layout.INCOMPATIBLE_FEATURES, 3L << 40);
    // The table's first entry becomes the name of bit 40.
    int table = Qcow2Layout.HEADER_LENGTH_V3 + 8;
    image[table + 1] = 40;
    image[table + 2] = 27;
    assertThatThrownBy(() -> open(image, FormatOpenOptions.readOnly()))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("\"\uFFFDirty bit\" (bit 40), bit 41");
  }

  @Test
  void refusesByName() throws IOException {
    byte[] dataFile = with(image("cluster_size=4096"), Qcow2Layout.INCOMPATIBLE_FEATURES, 4);
    assertThatThrownBy(() -> open(dataFile, FormatOpenOptions.readOnly()))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("external data file");
    byte[] version = image("cluster_size=4096");
    version[7] = 4;
    assertThatThrownBy(() -> open(version, FormatOpenOptions.readOnly()))
        .isInstanceOf(FormatVersionException.class);
    byte[] l1 = with(image("cluster_size=4096"), Qcow2Layout.CRYPT_METHOD, 0x7fff_ffff);
    assertThatThrownBy(() -> open(l1, FormatOpenOptions.readOnly()))
        .isInstanceOf(LimitExceededException.class);
  }

  @Test
  void aCorruptImageIsReadAndNotWritten() throws IOException {
    byte[] corrupt =
        with(
            image("cluster_size=4096"),
            Qcow2Layout.INCOMPATIBLE_FEATURES,
            Qcow2Layout.INCOMPATIBLE_CORRUPT);
    try (OpenedFormat format = open(corrupt, FormatOpenOptions.readOnly())) {
      assertThat(format.info().corrupt()).isTrue();
    }
    assertThatThrownBy(() -> open(corrupt, FormatOpenOptions.readWrite()))
        .isInstanceOf(CorruptImageException.class);
  }

  @Test
  void aDirtyImageIsMendedBeforeItIsWritten() throws IOException {
    byte[] dirty =
        with(
            image("cluster_size=4096,lazy_refcounts=on"),
            Qcow2Layout.INCOMPATIBLE_FEATURES,
            Qcow2Layout.INCOMPATIBLE_DIRTY);
    long block = MemorySegment.ofArray(dirty).get(Qcow2Layout.U64, 4096);
    java.util.Arrays.fill(dirty, (int) block, (int) block + 4096, (byte) 0);
    MemoryFile file = new MemoryFile(dirty);
    try (OpenedFormat format = new Qcow2Format().openOwning(file, FormatOpenOptions.readWrite())) {
      assertThat(format.info().dirty()).isFalse();
    }
    assertThat(clean(file.toBytes())).isTrue();
  }

  private static boolean clean(byte[] image) throws IOException {
    try (OpenedFormat format = open(image, FormatOpenOptions.readOnly())) {
      return format.verify(io.calco.disk.JobContext.SILENT).clean();
    }
  }

  @Test
  void theFirstWriteMakesBitmapsInvalid() throws IOException {
    Path path = dir.resolve("bitmaps.qcow2");
    Qemu.img().run("create", "-f", "qcow2", path, SIZE).succeeds();
    Qemu.img().run("bitmap", "--add", path, "changed").succeeds();
    try (Image image = Images.open(path, ImageOptions.Access.READ)) {
      assertThat(image.info().specific().get("bitmaps").toString()).contains("name=changed");
    }
    Qcow2OracleTest.assertSameCheck(path);
    try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
      image.disk().writeBytes(0, new byte[] {1});
    }
    try (Image image = Images.open(path, ImageOptions.Access.READ)) {
      assertThat(image.info().specific()).doesNotContainKey("bitmaps");
    }
    Qcow2OracleTest.assertSameCheck(path);
  }

  @Test
  void anotherBackingImageIsRecordedAndTheRestKept() throws IOException {
    Path path = dir.resolve("overlay.qcow2");
    Files.write(dir.resolve("below"), new byte[(int) SIZE]);
    BackingReference below = new BackingReference("below", Optional.of("raw"));
    Image.create(path, "qcow2", new CreateOptions(SIZE, Optional.of(below), Map.of()));
    Qemu.img().run("info", path).succeeds().says("backing file: below").says("file format: raw");
    Files.write(dir.resolve("ein anderes ä"), new byte[(int) SIZE]);
    BackingReference other = new BackingReference("ein anderes ä", Optional.of("raw"));
    change(path, Optional.of(other));
    Qemu.img().run("check", path).succeeds();
    Qemu.img().run("info", path).succeeds().says("backing file: ein anderes ä");
    try (Image image = Images.open(path, ImageOptions.Access.METADATA)) {
      assertThat(image.info().backing()).contains(other);
    }
    change(path, Optional.empty());
    assertThat(Qemu.img().run("info", path).succeeds().out()).doesNotContain("backing");
    try (Image image = Images.open(path, ImageOptions.Access.REPAIR)) {
      BackingReference tooLong = new BackingReference("x".repeat(1024), Optional.empty());
      assertThatThrownBy(() -> image.changeBacking(Optional.of(tooLong)))
          .isInstanceOf(LimitExceededException.class);
    }
  }

  private static void change(Path path, Optional<BackingReference> backing) throws IOException {
    try (Image image = Images.open(path, ImageOptions.Access.REPAIR)) {
      image.changeBacking(backing);
    }
  }

  @Test
  void saysWhatQemuSays() throws IOException {
    try (OpenedFormat format =
        open(image("cluster_size=16k,extended_l2=on"), FormatOpenOptions.readOnly())) {
      FormatInfo info = format.info();
      assertThat(info.clusterSize()).contains(16384);
      assertThat(info.specific().toString())
          .isEqualTo(
              "{compat=1.1, compression-type=zlib, lazy-refcounts=false, refcount-bits=16,"
                  + " corrupt=false, extended-l2=true}");
    }
  }

  /// A disk of a tebibyte needs neither its size in memory nor its size on the host.
  @Test
  void isReadyForLargeDisks() throws IOException {
    MemoryFile file = new MemoryFile();
    Qcow2Format format = new Qcow2Format();
    format.create(file, CreateOptions.ofSize(1L << 40), Companions.none());
    assertThat(file.size()).isLessThan(1 << 20);
    try (Disk disk =
        Disk.owning(
            new FormatDisk(
                format.openOwning(file, FormatOpenOptions.readWrite()), Optional.empty()))) {
      for (long at = 0; at < disk.size(); at += 1L << 36) {
        disk.writeBytes(at + 12345, new byte[] {42});
      }
      assertThat(disk.extentAt(1 << 20, 1L << 35).readsZero()).isTrue();
      assertThat(disk.readBytes((1L << 39) + 12344, 3)).containsExactly(0, 42, 0);
      disk.resize(1L << 42);
      assertThat(disk.readBytes((1L << 42) - 1, 1)).containsExactly(0);
    }
    assertThat(clean(file.toBytes())).isTrue();
  }
}
