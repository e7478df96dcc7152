package io.calco.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.MemoryDriver;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostileTableTest {
  private static final ValueLayout.OfInt LE_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int SIZE = 8 << 20;

  /// Numbers that go wrong where a check is missing.
  private static final long[] NUMBERS = {
    0,
    1,
    2,
    63,
    127,
    128,
    129,
    512,
    4096,
    SIZE / 512 - 1,
    SIZE / 512,
    0x7fff_ffffL,
    0x8000_0000L,
    0xffff_ffffL,
    0x7fff_ffff_ffff_ffffL,
    -1L,
    -512L,
    0x0080_0000_0000_0000L
  };

  @TempDir Path dir;

  /// One for all rounds: making new ones takes longer than the test.
  private final byte[] bytes = new byte[SIZE];

  private final byte[] larger = new byte[SIZE + (4 << 20)];

  @Test
  void mutatedGptsGiveOnlyOurExceptions() throws IOException {
    byte[] base = make("label: gpt\nsize=1M\nsize=1M, name=two\ntype=linux");
    Seeds.run(
        400,
        random -> {
          System.arraycopy(base, 0, bytes, 0, SIZE);
          MemorySegment disk = MemorySegment.ofArray(bytes);
          for (int i = random.nextInt(3); i >= 0; i--) {
            mutate(disk, random, 512, 1024 + 3 * 128);
          }
          if (random.nextInt(4) > 0) {
            seal(disk, 1);
          }
          if (random.nextBoolean()) {
            disk.asSlice(SIZE - 512, 512).fill((byte) 0);
          }
          exercise();
        });
  }

  @Test
  void mutatedMbrsGiveOnlyOurExceptions() throws IOException {
    byte[] base = make("label: dos\nsize=1M\ntype=5\nsize=1M\nsize=1M\nsize=1M");
    MemorySegment original = MemorySegment.ofArray(base);
    List<Long> records = List.of(0L, 2048L * 2 * 512, 2048L * 4 * 512, 2048L * 6 * 512);
    for (long record : records) {
      assertThat(original.get(LE_INT, record + 508) >>> 16).isEqualTo(0xaa55);
    }
    Seeds.run(
        400,
        random -> {
          System.arraycopy(base, 0, bytes, 0, SIZE);
          MemorySegment disk = MemorySegment.ofArray(bytes);
          for (int i = random.nextInt(4); i >= 0; i--) {
            long record = records.get(random.nextInt(records.size()));
            mutate(disk, random, record + 446, record + 510);
          }
          exercise();
        });
  }

  @Test
  void aChainThatComesBackEnds() throws IOException {
    byte[] made = make("label: dos\ntype=5\nsize=1M\nsize=1M\nsize=1M");
    MemorySegment disk = MemorySegment.ofArray(made);
    // The second record's link leads to the first again.
    disk.set(LE_INT, (3L << 20) + 446 + 16 + 8, 0);
    PartitionTable table = find(made).orElseThrow();
    assertThat(table.problems()).isNotEmpty();
    assertThat(table.partitions().size()).isLessThan(8);
  }

  @Test
  void aLongChainIsCutAtTheLimit() {
    MemorySegment disk = MemorySegment.ofArray(bytes);
    int sectors = SIZE / 512;
    record(disk, 0, 0x05, 1, sectors - 1, 0, 0, 0);
    for (int i = 1; i < 2000; i++) {
      record(disk, i, 0x83, 1, 1, 0x05, i, 2);
    }
    PartitionTable table = assertReads(bytes).orElseThrow();
    assertThat(table.partitions()).hasSize(MbrReader.LOGICAL_LIMIT);
    assertThat(table.problems()).anyMatch(p -> p.text().contains("Linux's limit"));
    for (int i = 1; i < 2000; i++) {
      record(disk, i, 0, 0, 0, 0x05, i, 2);
    }
    assertThat(assertReads(bytes).orElseThrow().problems())
        .anyMatch(p -> p.text().contains("our limit"));
  }

  private static void record(
      MemorySegment disk, int sector, int type, int start, int count, int type2, int s2, int c2) {
    long at = sector * 512L + 446;
    disk.set(LE_INT, at + 4, type);
    disk.set(LE_INT, at + 8, start);
    disk.set(LE_INT, at + 12, count);
    disk.set(LE_INT, at + 20, type2);
    disk.set(LE_INT, at + 24, s2);
    disk.set(LE_INT, at + 28, c2);
    disk.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + 64, (short) 0xaa55);
  }

  private static void mutate(MemorySegment disk, Random random, long from, long to) {
    long at = from + random.nextLong(to - from - 8);
    long value = NUMBERS[random.nextInt(NUMBERS.length)];
    switch (random.nextInt(4)) {
      case 0 -> disk.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
      case 1 -> disk.set(LE_INT, at & ~3L, (int) value);
      case 2 -> disk.set(LE_INT, (at & ~3L) + 2, (int) value);
      default ->
          disk.set(
              ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), at & ~7L, value);
    }
  }

  /// Makes the header's CRCs right again where its numbers allow.
  private static void seal(MemorySegment disk, int lba) {
    long at = lba * 512L;
    long array = Integer.toUnsignedLong(disk.get(LE_INT, at + 72)) * 512;
    long length =
        Integer.toUnsignedLong(disk.get(LE_INT, at + 80))
            * Integer.toUnsignedLong(disk.get(LE_INT, at + 84));
    if (length > 0 && length < SIZE && array + length < SIZE) {
      disk.set(LE_INT, at + 88, crc(disk.asSlice(array, length)));
    }
    int headerSize = disk.get(LE_INT, at + 12);
    if (headerSize > 0 && headerSize <= 512) {
      disk.set(LE_INT, at + 16, 0);
      disk.set(LE_INT, at + 16, crc(disk.asSlice(at, headerSize)));
    }
  }

  private static int crc(MemorySegment bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes.asByteBuffer());
    return (int) crc.getValue();
  }

  private void exercise() throws IOException {
    Optional<PartitionTable> table = assertReads(bytes);
    if (table.isEmpty()) {
      return;
    }
    System.arraycopy(bytes, 0, larger, 0, SIZE);
    Arrays.fill(larger, SIZE, larger.length, (byte) 0);
    Disk disk = Disk.owning(new MemoryDriver(larger));
    try {
      PartitionTable grown = table.get().growToEnd(disk);
      for (Partition partition : grown.partitions()) {
        partition.slice(disk);
      }
      assertThat(grown.problems())
          .noneMatch(p -> p.effect() == TableProblem.Effect.REFUSES_WRITING);
    } catch (DiskException refused) {
      assertThat(refused).hasMessageContaining(" ");
      assertThat(Arrays.mismatch(bytes, larger))
          .as("nothing is written after a refusal")
          .isEqualTo(bytes.length);
    }
  }

  private static Optional<PartitionTable> assertReads(byte[] bytes) {
    try {
      return find(bytes);
    } catch (DiskException ours) {
      return Optional.empty();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Optional<PartitionTable> find(byte[] bytes) throws IOException {
    return PartitionTable.find(Disk.owning(new MemoryDriver(bytes)));
  }

  private byte[] make(String script) throws IOException {
    Path file = TableTools.resize(dir.resolve("base.raw"), SIZE);
    TableTools.sfdisk(file, script);
    return Files.readAllBytes(file);
  }
}
