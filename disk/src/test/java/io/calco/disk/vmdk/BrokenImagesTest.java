package io.calco.disk.vmdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Companions;
import io.calco.disk.CorruptImageException;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.FormatDisk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.JobContext;
import io.calco.disk.MemoryDriver;
import io.calco.disk.MemoryFile;
import io.calco.disk.OpenedFormat;
import io.calco.disk.RepairScope;
import io.calco.disk.VerifyReport;
import io.calco.disk.ZeroMode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Images with one thing wrong.
class BrokenImagesTest {
  private static final int SIZE = 1 << 20;

  private static byte[] sparse() throws IOException {
    MemoryFile file = new MemoryFile();
    new VmdkFormat()
        .create(
            file,
            new CreateOptions(SIZE, Optional.empty(), Images.options("zeroed_grain=off")),
            Companions.none());
    try (Disk disk = open(file, Images.writing(Companions.none()))) {
      disk.writeBytes(0, Images.content(new Random(1), SIZE));
    }
    return file.toBytes();
  }

  private static byte[] stream() throws IOException {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    CreateOptions options =
        new CreateOptions(SIZE, Optional.empty(), Images.options("subformat=streamOptimized"));
    try (Disk disk = Disk.owning(new MemoryDriver(Images.content(new Random(1), SIZE)))) {
      new VmdkFormat().send(disk, options, Channels.newChannel(sent), JobContext.SILENT);
    }
    return sent.toByteArray();
  }

  private static Disk open(MemoryFile file, FormatOpenOptions options) throws IOException {
    return Disk.owning(
        new FormatDisk(new VmdkFormat().openOwning(file, options), Optional.empty()));
  }

  private static void read(byte[] image) throws IOException {
    try (Disk disk = open(new MemoryFile(image), Images.reading(Companions.none()))) {
      disk.readBytes(0, Math.toIntExact(disk.size()));
    }
  }

  private static VerifyReport verify(byte[] image) throws IOException {
    try (OpenedFormat open =
        new VmdkFormat().openOwning(new MemoryFile(image), Images.reading(Companions.none()))) {
      return open.verify(JobContext.SILENT);
    }
  }

  private static MemorySegment bytes(byte[] image) {
    return MemorySegment.ofArray(image);
  }

  @ParameterizedTest
  @CsvSource({
    "4, 4, 4, VMDK version 4",
    "8, 4, 0x40003, incompatible flags 0x40000",
    "8, 4, 0x10003, compression algorithm 0",
    "12, 8, -1, capacity",
    "12, 8, 0x10000000000000, grain tables; our limit",
    "20, 8, 0, grain size",
    "20, 8, 3, grain size",
    "20, 8, 0x100000, our limit",
    "28, 8, 0x7fffff, descriptor",
    "36, 8, 0x7fffff, our limit",
    "44, 4, 0, entries per grain table",
    "44, 4, 513, entries per grain table",
    "48, 8, 0x7fffffffff, redundant grain directory",
    "56, 8, 0x7fffffffff, grain directory",
    "56, 8, -1, footer",
    "73, 1, 0x0d, line ends"
  })
  void aHeaderIsJudged(int at, int width, String value, String message) throws IOException {
    byte[] image = sparse();
    long number = Long.decode(value);
    for (int i = 0; i < width; i++) {
      image[at + i] = (byte) (number >> 8 * i);
    }
    assertThatThrownBy(
            () -> {
              try (Disk disk = open(new MemoryFile(image), Images.writing(Companions.none()))) {
                disk.writeBytes(0, new byte[1]);
              }
            })
        .isInstanceOf(DiskException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({
    "12, 4096, what the header says",
    "20, 64, what the header says",
    "56, -1, \"at the end\"",
    "56, 0x7fffffffff, grain directory",
    "0, 0, KDMV"
  })
  void aFooterMustAgree(int at, String value, String message) throws IOException {
    byte[] image = stream();
    bytes(image).set(SparseLayout.U64, image.length - 1024 + at, Long.decode(value));
    assertThatThrownBy(() -> read(image))
        .isInstanceOf(DiskException.class)
        .hasMessageContaining(message.replace("\"\"", "\""));
  }

  @ParameterizedTest
  @CsvSource({"0", "-1", "200000", "0x7fffffff"})
  void aMarkerMustFitItsGrain(String length) throws IOException {
    byte[] image = stream();
    int grain = 128 * 512;
    bytes(image).set(SparseLayout.U32, grain + 8, Long.decode(length).intValue());
    assertThatThrownBy(() -> read(image))
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining("grain");
    assertThat(verify(image).corruptions()).isPositive();
  }

  @Test
  void aPackedGrainMustUnpack() throws IOException {
    byte[] image = stream();
    int grain = 128 * 512;
    image[grain + 12 + 40] ^= 0x55;
    assertThatThrownBy(() -> read(image))
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining("compressed grain at 0x10000");
  }

  private static int entry(byte[] image) {
    long directory = bytes(image).get(SparseLayout.U64, SparseLayout.DIRECTORY) * 512;
    return bytes(image).get(SparseLayout.U32, directory) * 512;
  }

  @Test
  void aGrainOutsideTheFileIsToldApart() throws IOException {
    byte[] image = sparse();
    bytes(image).set(SparseLayout.U32, entry(image), 0x7fffffff);
    assertThatThrownBy(() -> read(image))
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining("grain of guest offset 0x0");
    assertThat(verify(image).corruptions()).isPositive();
    MemoryFile file = new MemoryFile(image);
    FormatOpenOptions repair =
        new FormatOpenOptions(true, Optional.empty(), true, Companions.none(), Optional.empty());
    try (OpenedFormat open = new VmdkFormat().openOwning(file, repair)) {
      VerifyReport report = open.repair(RepairScope.ALL, JobContext.SILENT);
      assertThat(report.corruptions()).isZero();
    }
    assertThat(file.toBytes()).as("mended from the copy").isEqualTo(sparseLike(file.toBytes()));
    read(file.toBytes());
  }

  /// The sound image with the other's content id.
  private static byte[] sparseLike(byte[] other) throws IOException {
    byte[] image = sparse();
    System.arraycopy(other, 512, image, 512, 20 * 512);
    return image;
  }

  /// A grain that is said to lie where the header is must not be made a hole.
  @Test
  void metadataAreNotZeroed() throws IOException {
    byte[] image = sparse();
    bytes(image).set(SparseLayout.U32, entry(image), 1);
    MemoryFile file = new MemoryFile(image);
    try (Disk disk = open(file, Images.writing(Companions.none()))) {
      assertThatThrownBy(() -> disk.writeZeroes(0, 64 << 10, ZeroMode.MAY_UNMAP))
          .isInstanceOf(CorruptImageException.class);
      assertThatThrownBy(() -> disk.discard(0, 64 << 10)).isInstanceOf(CorruptImageException.class);
      assertThatThrownBy(() -> disk.writeBytes(0, new byte[1]))
          .isInstanceOf(CorruptImageException.class);
    }
    assertThat(new String(file.toBytes(), 512, 20, StandardCharsets.US_ASCII))
        .isEqualTo("# Disk DescriptorFil");
  }

  @Test
  void uncleanIsNoDamageUntilItIsRepaired() throws IOException {
    byte[] image = sparse();
    int entry = entry(image);
    bytes(image).set(SparseLayout.U32, entry + 4, 0);
    assertThat(verify(image).corruptions()).as("closed, but the copies differ").isPositive();
    image[SparseLayout.UNCLEAN_SHUTDOWN] = 1;
    assertThat(verify(image).corruptions()).as("interrupted").isZero();
    MemoryFile file = new MemoryFile(image);
    try (Disk disk = open(file, Images.writing(Companions.none()))) {
      disk.writeBytes(512 << 10, new byte[] {1, 2, 3});
    }
    assertThat(verify(file.toBytes()).corruptions()).as("written since").isZero();
    MemoryFile broken = new MemoryFile(file.toBytes());
    FormatOpenOptions repair =
        new FormatOpenOptions(true, Optional.empty(), true, Companions.none(), Optional.empty());
    try (OpenedFormat open = new VmdkFormat().openOwning(broken, repair)) {
      assertThat(open.repair(RepairScope.LEAKS, JobContext.SILENT).leaks()).isZero();
    }
    assertThat(verify(broken.toBytes()).findings()).isEmpty();
    assertThat(broken.toBytes()[SparseLayout.UNCLEAN_SHUTDOWN]).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          createType="fullDevice"%nRW 8 FLAT "/dev/sda" 0|createType "fullDevice"
          createType="vmfsRDM"%nRW 8 VMFSRDM "x"|createType "vmfsRDM"
          createType="vmfsPassthroughRawDeviceMap"%nRW 8 VMFSRDM "x"|createType
          createType="custom"%nRW 8 VMFSRDM "x"|extents of type VMFSRDM
          createType="custom"%nRW 8 FLAT "/etc/passwd" 0|passwd
          createType="custom"%nRW -1 FLAT "x" 0|line 6
          createType="custom"%nRW 999999999999999999 ZERO|less than 2^53
          createType="custom"%nRW 4503599627370496 ZERO%nRW 4503599627370496 ZERO|2^62
          createType="custom"%nsome words|line 6
          createType="custom"|names no extent
          createType="custom"%nencryption.keySafe = "x"%nRW 8 ZERO|encrypted
          createType="custom"%nparentFileNameHint="a"%nRW 8 ZERO|names a parent
          createType="custom"%nNOACCESS 8 ZERO|NOACCESS
          """,
      quoteCharacter = '\0',
      delimiter = '|')
  void aDescriptorIsJudged(String lines, String message) {
    String text =
        """
        # Disk DescriptorFile
        version=1
        CID=12345678
        parentCID=ffffffff
        %s
        """
            .formatted(lines.replace("%n", "\n"));
    byte[] image = text.getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(
            () -> {
              try (Disk disk =
                  open(new MemoryFile(image), Images.reading(new MemoryCompanions()))) {
                disk.readBytes(0, (int) Math.min(disk.size(), 512));
              }
            })
        .isInstanceOf(DiskException.class)
        .hasMessageContaining(message);
  }

  @Test
  void noMoreExtentsThanOurLimit() {
    String text =
        "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType=\"custom\"\n"
            + "RW 8 ZERO\n".repeat(5000);
    assertThatThrownBy(() -> read(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(DiskException.class)
        .hasMessageContaining("more than 4096 extents");
  }
}
