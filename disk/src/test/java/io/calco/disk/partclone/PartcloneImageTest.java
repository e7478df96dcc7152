package io.calco.disk.partclone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CorruptImageException;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.Extent;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.MemoryFile;
import io.calco.disk.OpenedFormat;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.VerifyReport;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Random devices in images of all kinds: read anywhere, verified, laid out anywhere, damaged.
class PartcloneImageTest {
  private static final int SIZE = 3 << 20;

  private static List<byte[]> kinds(Images.Device device, Random random) throws IOException {
    List<byte[]> images = new ArrayList<>();
    for (Checksum checksum : Checksum.values()) {
      int blocks = 1 + random.nextInt(1 << random.nextInt(10));
      images.add(
          Images.version2(device, new PartcloneOptions("EXTFS", checksum, Optional.of(blocks))));
    }
    images.add(Images.version1(device, false));
    images.add(Images.version1(device, true));
    return images;
  }

  @Test
  void readAnywhere() {
    Seeds.run(
        10,
        random -> {
          Images.Device device = Images.device(random, SIZE, 512 << random.nextInt(5));
          for (byte[] image : kinds(device, random)) {
            readAnywhere(device, image, random);
            assertThat(Images.verify(image).findings()).isEmpty();
            assertThat(Images.verify(image).imageEndOffset()).isEqualTo(image.length);
          }
        });
  }

  private static void readAnywhere(Images.Device device, byte[] image, Random random)
      throws IOException {
    try (Disk disk = Images.open(image)) {
      assertThat(disk.size()).isEqualTo(SIZE);
      for (int i = 0; i < 40; i++) {
        int offset = random.nextInt(SIZE);
        int length = random.nextInt(Math.min(SIZE - offset, 1 << random.nextInt(22)) + 1);
        byte[] expected = Arrays.copyOfRange(device.expected(), offset, offset + length);
        assertThat(Arrays.mismatch(disk.readBytes(offset, length), expected)).isEqualTo(-1);
      }
      for (long at = 0; at < disk.size(); ) {
        Extent extent = disk.extentAt(at, disk.size() - at);
        boolean used = device.used().get((int) (at / device.blockSize()));
        int block = (int) (at / device.blockSize());
        int end = used ? device.used().nextClearBit(block) : device.used().nextSetBit(block);
        long expectedEnd = end < 0 ? SIZE : Math.min(SIZE, (long) end * device.blockSize());
        assertThat(extent).isEqualTo(new Extent(at, expectedEnd - at, used, !used));
        at = extent.end();
      }
    }
  }

  @Test
  void laidOutAnywhere() {
    Seeds.run(
        10,
        random -> {
          Images.Device device = Images.device(random, SIZE, 512 << random.nextInt(5));
          PartcloneOptions options =
              new PartcloneOptions(
                  "raw",
                  List.of(Checksum.values()).get(random.nextInt(4)),
                  Optional.of(1 + random.nextInt(1 << random.nextInt(10))));
          byte[] whole = Images.version2(device, options);
          try (Disk disk = Images.disk(device.content());
              HostFile image = PartcloneWriter.layOut(disk, Images.units(device), options)) {
            for (int i = 0; i < 40; i++) {
              int offset = random.nextInt(whole.length);
              int length = random.nextInt(Math.min(whole.length - offset, 1 << random.nextInt(22)));
              byte[] part = new byte[length];
              image.read(offset, MemorySegment.ofArray(part));
              assertThat(part).isEqualTo(Arrays.copyOfRange(whole, offset, offset + length));
            }
          }
        });
  }

  @ParameterizedTest
  @EnumSource(
      value = Checksum.class,
      names = {"CRC32", "XXH64", "XXH128"})
  void damageIsFoundWhereItIs(Checksum checksum) throws IOException {
    Images.Device device = Images.device(new Random(8), SIZE, 1024);
    byte[] image = Images.version2(device, new PartcloneOptions("raw", checksum, Optional.of(16)));
    int dataOffset = 110 + SIZE / 1024 / 8 + 4;
    image[dataOffset + 2 * (16 * 1024 + checksum.length()) + 5000] ^= 1;
    VerifyReport report = Images.verify(image);
    int first = select(device, 32);
    int last = select(device, 47);
    assertThat(report.corruptions()).isEqualTo(1);
    assertThat(report.findings().getFirst())
        .contains("blocks %d to %d".formatted(first, last))
        .contains("(guest offset 0x%x to 0x%x)".formatted(first * 1024, (last + 1) * 1024));
  }

  private static int select(Images.Device device, int k) {
    return device.used().stream().skip(k).findFirst().orElseThrow();
  }

  @Test
  void whatIsCutShortIsReadUpToItsEnd() throws IOException {
    Images.Device device = Images.device(new Random(9), SIZE, 1024);
    for (byte[] image : kinds(device, new Random(10))) {
      byte[] half = Arrays.copyOf(image, image.length / 2);
      assertThat(Images.verify(half).findings())
          .singleElement()
          .asString()
          .contains("cut short: the file ends at 0x%x".formatted(half.length));
      try (Disk disk = Images.open(half)) {
        assertThat(disk.readBytes(0, SIZE / 8))
            .isEqualTo(Arrays.copyOf(device.expected(), SIZE / 8));
        assertThatThrownBy(() -> disk.readBytes(0, SIZE))
            .isInstanceOf(CorruptImageException.class)
            .hasMessageContaining("is cut short: ends at 0x%x".formatted(half.length));
      }
    }
  }

  @Test
  void aWrongBitOfTheMapIsNotBelieved() throws IOException {
    Images.Device device = Images.device(new Random(9), SIZE, 1024);
    byte[] image = Images.version2(device, PartcloneOptions.of("raw"));
    image[150] ^= 4;
    assertThatThrownBy(() -> Images.read(image))
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining("map of used blocks");
    assertThat(Images.verify(image).corruptions()).isGreaterThan(1);
  }

  /// Sets a number in a version 2 header and makes its checksum right again.
  static byte[] with(byte[] image, long at, int length, long value) {
    byte[] changed = image.clone();
    MemorySegment bytes = MemorySegment.ofArray(changed);
    for (int i = 0; i < length; i++) {
      changed[(int) at + i] = (byte) (value >>> 8 * i);
    }
    bytes.set(PartcloneLayout.U32, 106, StripSum.crc(bytes.asSlice(0, 106)));
    return changed;
  }

  @Test
  void hostileHeadersAreRefusedBeforeAnythingIsMade() throws IOException {
    Images.Device device = Images.device(new Random(9), SIZE, 1024);
    byte[] image = Images.version2(device, PartcloneOptions.of("raw"));
    byte[] huge = with(image, 52, 8, Long.MAX_VALUE);
    refuses(with(with(huge, 84, 4, 1), 60, 8, 1L << 60), LimitExceededException.class);
    refuses(with(huge, 60, 8, 1L << 52), LimitExceededException.class);
    refuses(with(huge, 60, 8, 1L << 60), CorruptImageException.class);
    refuses(with(huge, 60, 8, 1L << 30), CorruptImageException.class);
    refuses(
        with(with(with(huge, 105, 1, 0), 84, 4, 1), 60, 8, Long.MAX_VALUE),
        LimitExceededException.class);
    refuses(with(image, 52, 8, SIZE - 1), CorruptImageException.class);
    refuses(with(image, 52, 8, -1), CorruptImageException.class);
    refuses(with(image, 60, 8, -1), CorruptImageException.class);
    refuses(with(image, 84, 4, 0), CorruptImageException.class);
    refuses(with(image, 84, 4, (64 << 20) + 1), CorruptImageException.class);
    refuses(with(image, 100, 4, 0), CorruptImageException.class);
    refuses(with(image, 98, 2, 8), CorruptImageException.class);
    refuses(with(image, 105, 1, 3), CorruptImageException.class);
    refuses(with(image, 34, 2, 0xDEC0), UnsupportedFeatureException.class);
    refuses(with(image, 96, 2, 0x77), UnsupportedFeatureException.class);
    refuses(with(image, 88, 4, 22), UnsupportedFeatureException.class);
  }

  private static void refuses(byte[] image, Class<? extends Exception> as) {
    assertThatThrownBy(() ->
            new PartcloneFormat().openOwning(new MemoryFile(image), FormatOpenOptions.readOnly()))
        .isInstanceOf(as);
  }

  @Test
  void allBlocksAreThereWithoutAMap() throws IOException {
    Images.Device device = Images.device(new Random(9), SIZE, 1024);
    device.used().set(0, device.blocks());
    byte[] image = Images.version2(device, PartcloneOptions.of("raw"));
    int mapLength = SIZE / 1024 / 8 + 4;
    byte[] bare = Arrays.copyOf(image, image.length - mapLength);
    System.arraycopy(image, 110 + mapLength, bare, 110, bare.length - 110);
    byte[] noMap = with(bare, 105, 1, 0);
    assertThat(Images.read(noMap)).isEqualTo(device.content());
    assertThat(Images.verify(noMap).clean()).isTrue();
  }

  @Test
  void whatLiesAfterTheLastBlockReadsAsZeroes() throws IOException {
    Images.Device device = Images.device(new Random(9), SIZE + 1000, 4096);
    byte[] read = Images.read(Images.version2(device, PartcloneOptions.of("NTFS")));
    assertThat(read).isEqualTo(device.expected());
  }

  @Test
  void anyDiskIsLaidOut() throws IOException {
    for (int size : new int[] {0, 1, 512, 1000, 4096, 1 << 20, (1 << 20) + 512}) {
      byte[] content = new byte[size];
      new Random(size).nextBytes(content);
      for (String blocks : List.of("data", "all")) {
        CreateOptions options = new CreateOptions(size, Optional.empty(), Map.of("blocks", blocks));
        try (Disk disk = Images.disk(content);
            HostFile image = new PartcloneFormat().layOut(disk, options);
            Disk read = Images.open(image)) {
          int whole = Math.ceilDiv(size, 512) * 512;
          assertThat(read.readBytes(0, (int) read.size())).isEqualTo(Arrays.copyOf(content, whole));
        }
      }
    }
  }

  @Test
  void optionsAreNotGuessed() throws IOException {
    for (Map<String, String> wrong :
        List.of(
            Map.of("cluster_size", "4096"),
            Map.of("block_size", "511"),
            Map.of("block_size", "99999999999"),
            Map.of("checksum", "md5"),
            Map.of("blocks_per_checksum", "0"),
            Map.of("file_system", "a name much too long"))) {
      try (Disk disk = Images.disk(new byte[4096])) {
        assertThatThrownBy(() ->
                new PartcloneFormat()
                    .layOut(disk, new CreateOptions(4096, Optional.empty(), wrong)))
            .isInstanceOf(UnsupportedFeatureException.class);
      }
    }
  }

  @Test
  void infoTellsTheHeader() throws IOException {
    Images.Device device = Images.device(new Random(9), SIZE, 1024);
    byte[] image = Images.version2(device, PartcloneOptions.of("EXTFS"));
    try (OpenedFormat open =
        new PartcloneFormat().openOwning(new MemoryFile(image), FormatOpenOptions.readOnly())) {
      assertThat(open.info().specific())
          .containsEntry("file-system", "EXTFS")
          .containsEntry("block-size", 1024)
          .containsEntry("used-blocks", (long) device.used().cardinality())
          .containsEntry("checksum", "crc32");
    }
    assertThatThrownBy(() ->
            new PartcloneFormat().openOwning(new MemoryFile(image), FormatOpenOptions.readWrite()))
        .isInstanceOf(UnsupportedFeatureException.class);
  }
}
