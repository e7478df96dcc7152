package io.calco.disk.vhdx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskException;
import io.calco.disk.FormatVersionException;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.RepairScope;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.VerifyReport;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images that break one rule each.
class HostileImagesTest {
  private static final int MIB = 1 << 20;
  private static final long METADATA_AT = 2 * MIB;
  private static final long BAT_AT = 3 * MIB;
  private static final UUID UNKNOWN = new UUID(0x1234_5678_0000_0000L, 9);

  @TempDir Path dir;

  private Path path;
  private byte[] bytes;
  private MemorySegment all;

  @BeforeEach
  void makeOne() throws IOException {
    path = dir.resolve("hostile.vhdx");
    Images.create(path, 3 * MIB, "block_size=1M");
    try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
      byte[] content = new byte[2 * MIB];
      Arrays.fill(content, (byte) 7);
      image.disk().writeBytes(0, content);
    }
    bytes = Files.readAllBytes(path);
    all = MemorySegment.ofArray(bytes);
  }

  private void seal(long at, long length) {
    MemorySegment part = all.asSlice(at, length);
    part.set(VhdxLayout.U32, 4, VhdxLayout.checksum(part, 4));
  }

  /// Changes both copies of the region table.
  private void setInRegionTables(long offset, long value) throws IOException {
    for (long at : VhdxLayout.REGION_TABLES) {
      all.set(VhdxLayout.U64, at + offset, value);
      seal(at, VhdxLayout.REGION_TABLE_BYTES);
    }
    Files.write(path, bytes);
  }

  private void assertRefused(Class<? extends DiskException> by, String message) {
    assertThatThrownBy(() -> Images.read(path)).isInstanceOf(by).hasMessageContaining(message);
  }

  @Test
  void regionsThatOverlapAreRefused() throws IOException {
    setInRegionTables(16 + 16, METADATA_AT);
    assertRefused(CorruptImageException.class, "regions that meet");
  }

  @Test
  void regionsOverTheHeadersAreRefused() throws IOException {
    setInRegionTables(16 + 16, 0);
    assertRefused(CorruptImageException.class, "multiples of 1 MiB after the headers");
  }

  @Test
  void regionsOverTheLogAreRefused() throws IOException {
    setInRegionTables(16 + 16, MIB);
    assertRefused(CorruptImageException.class, "a log apart from all regions");
  }

  @Test
  void regionsOutsideTheFileAreRefused() throws IOException {
    setInRegionTables(16 + 16, 1L << 50);
    assertRefused(CorruptImageException.class, "the end of the file");
  }

  @Test
  void tooManyRegionsAreRefused() throws IOException {
    setInRegionTables(8, 2048);
    assertRefused(CorruptImageException.class, "at most 2047");
  }

  @Test
  void aTableTooShortForTheDiskIsRefused() throws IOException {
    all.set(VhdxLayout.U64, METADATA_AT + (64 << 10) + 8, 1L << 40);
    Files.write(path, bytes);
    assertRefused(CorruptImageException.class, "entries of 8 bytes");
  }

  /// A third region in both tables.
  private void addRegion(int required) throws IOException {
    for (long at : VhdxLayout.REGION_TABLES) {
      all.set(VhdxLayout.U32, at + 8, 3);
      Guids.put(all, at + 80, UNKNOWN);
      all.set(VhdxLayout.U64, at + 96, bytes.length);
      all.set(VhdxLayout.U32, at + 104, MIB);
      all.set(VhdxLayout.U32, at + 108, required);
      seal(at, VhdxLayout.REGION_TABLE_BYTES);
    }
    bytes = Arrays.copyOf(bytes, bytes.length + MIB);
    Files.write(path, bytes);
  }

  @Test
  void unknownRegionsAreLeftAloneOrRefusedByName() throws IOException {
    addRegion(0);
    byte[] model = Images.read(path);
    try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
      image.disk().writeBytes(0, new byte[3 * MIB]);
    }
    assertThat(model).hasSize(3 * MIB);
    byte[] after = Files.readAllBytes(path);
    int region = bytes.length - MIB;
    assertThat(Arrays.mismatch(after, region, bytes.length, bytes, region, bytes.length))
        .isEqualTo(-1);
    assertThat(Images.verify(path).clean()).isTrue();
    all = MemorySegment.ofArray(bytes);
    for (long at : VhdxLayout.REGION_TABLES) {
      all.set(VhdxLayout.U32, at + 108, 1);
      seal(at, VhdxLayout.REGION_TABLE_BYTES);
    }
    Files.write(path, bytes);
    assertRefused(UnsupportedFeatureException.class, UNKNOWN.toString());
  }

  @Test
  void unknownItemsAreLeftAloneOrRefusedByName() throws IOException {
    int count = all.get(VhdxLayout.U16, METADATA_AT + 10);
    long entry = METADATA_AT + 32 + 32L * count;
    all.set(VhdxLayout.U16, METADATA_AT + 10, (short) (count + 1));
    Guids.put(all, entry, UNKNOWN);
    Files.write(path, bytes);
    assertThat(Images.read(path)).hasSize(3 * MIB);
    all.set(VhdxLayout.U32, entry + 24, 4);
    Files.write(path, bytes);
    assertRefused(UnsupportedFeatureException.class, UNKNOWN.toString());
  }

  @Test
  void itemsOutsideTheRegionAreRefused() throws IOException {
    all.set(VhdxLayout.U32, METADATA_AT + 32 + 16, MIB);
    Files.write(path, bytes);
    assertRefused(CorruptImageException.class, "inside the region");
  }

  @Test
  void aVersionThatIsNotKnownIsRefused() throws IOException {
    for (long at : VhdxLayout.HEADERS) {
      all.set(VhdxLayout.U16, at + 66, (short) 2);
      seal(at, 4096);
    }
    Files.write(path, bytes);
    assertRefused(FormatVersionException.class, "VHDX version 2");
  }

  @Test
  void blocksOutsideTheFileAreRefused() throws IOException {
    for (long host : new long[] {0, bytes.length, 1L << 50, 1L << 62, 1L << 63}) {
      all.set(VhdxLayout.U64, BAT_AT, host | BlockTable.PRESENT);
      Files.write(path, bytes);
      assertRefused(CorruptImageException.class, "BAT, block 0");
      assertOnlyRead(host == 0 ? "where something else lies" : "beyond the end of the file");
    }
  }

  @Test
  void blocksOverEachOtherAreOnlyRead() throws IOException {
    all.set(VhdxLayout.U64, BAT_AT, all.get(VhdxLayout.U64, BAT_AT + 8));
    Files.write(path, bytes);
    assertThat(Images.read(path)).hasSize(3 * MIB);
    assertOnlyRead("where something else lies");
  }

  @Test
  void unknownStatesAreRefused() throws IOException {
    all.set(VhdxLayout.U64, BAT_AT, 4);
    Files.write(path, bytes);
    assertRefused(CorruptImageException.class, "a known state");
    assertOnlyRead("unknown state 4");
  }

  @Test
  void partlyPresentBlocksNeedAParent() throws IOException {
    all.set(VhdxLayout.U64, BAT_AT, all.get(VhdxLayout.U64, BAT_AT) | BlockTable.PARTIAL);
    Files.write(path, bytes);
    assertRefused(CorruptImageException.class, "a known state");
    assertOnlyRead("without a parent");
  }

  private void assertOnlyRead(String finding) throws IOException {
    VerifyReport report = Images.verify(path);
    assertThat(report.corruptions()).isPositive();
    assertThat(report.findings().getFirst()).contains(finding);
    try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
      assertThatThrownBy(() -> image.disk().writeBytes(5, new byte[5]))
          .isInstanceOf(CorruptImageException.class)
          .hasMessageContaining("such an image is only read");
    }
  }

  /// QEMU does not look at the second table; Windows does.
  @Test
  void aDamagedRegionTableIsMendedByItsCopy() throws IOException {
    byte[] model = Images.read(path);
    for (long at : VhdxLayout.REGION_TABLES) {
      byte[] damaged = bytes.clone();
      damaged[(int) at + 40]++;
      Files.write(path, damaged);
      assertThat(Images.read(path)).isEqualTo(model);
      try (Image image = Images.open(path, ImageOptions.Access.REPAIR)) {
        assertThat(image.risks()).anyMatch(risk -> risk.contains("damaged"));
        assertThat(image.verify(JobContext.SILENT).corruptions()).isEqualTo(1);
        VerifyReport report = image.repair(RepairScope.ALL, JobContext.SILENT);
        assertThat(report.clean()).isTrue();
        assertThat(report.corruptionsFixed()).isEqualTo(1);
      }
      assertThat(Files.readAllBytes(path)).isEqualTo(bytes);
      Oracle.named("qemu-img").run("check", "-f", "vhdx", path).succeeds();
    }
  }

  @Test
  void theOlderHeaderStandsInForADamagedOne() throws IOException {
    byte[] model = Images.read(path);
    for (long at : VhdxLayout.HEADERS) {
      byte[] damaged = bytes.clone();
      damaged[(int) at + 5]++;
      Files.write(path, damaged);
      assertThat(Images.read(path)).isEqualTo(model);
    }
  }

  @Test
  void spaceGivenUpIsUsedAgain() throws IOException {
    byte[] content = new byte[MIB];
    for (int i = 0; i < 9; i++) {
      try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
        for (int j = 0; j < 3; j++) {
          image.disk().discard(0, 2 * MIB);
          image.disk().flush();
          Arrays.fill(content, (byte) (10 * i + j));
          image.disk().writeBytes(MIB / 2, content);
          assertThat(image.disk().readBytes(0, MIB / 2)).containsOnly(0);
        }
      }
    }
    assertThat(Files.size(path)).isEqualTo(bytes.length);
    Oracle.named("qemu-img").run("check", "-f", "vhdx", path).succeeds();
    byte[] expected = new byte[3 * MIB];
    System.arraycopy(content, 0, expected, MIB / 2, MIB);
    Images.assertSame(Images.qemuReads(path), expected);
  }
}
