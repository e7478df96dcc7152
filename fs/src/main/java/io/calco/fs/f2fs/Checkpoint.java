package io.calco.fs.f2fs;

import static io.calco.fs.f2fs.Superblock.BLOCK;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.Optional;

/// A checkpoint: what of the two versions of each table block counts, and a journal of entries that
/// are newer than the tables. Offsets are those of `struct f2fs_checkpoint`.
final class Checkpoint {
  private static final int POLYNOMIAL = 0xEDB88320;
  private static final int SUM_AT = 164;
  private static final int BITMAPS = 192;
  private static final int UNMOUNTED = 1;
  private static final int COMPACT = 1 << 2;
  private static final int LARGE_BITMAP = 1 << 10;
  private static final int LOGS = 6;
  private static final int COLD_DATA_LOG = 2;
  private static final int SUMMARIES = 7 * 512; // bytes before the journal in a summary block
  private static final int JOURNAL = BLOCK - 5 - SUMMARIES;

  private final Disk disk;
  private final long start;
  private final byte[] bytes;
  private final long payload;

  private Checkpoint(Disk disk, long start, byte[] bytes, long payload) {
    this.disk = disk;
    this.start = start;
    this.bytes = bytes;
    this.payload = payload;
  }

  /// The newer of the two that is whole.
  static Checkpoint read(Disk disk, Superblock superblock) throws IOException {
    Optional<Checkpoint> newest = Optional.empty();
    for (int pack = 0; pack < 2; pack++) {
      long start = superblock.checkpointStart() + (long) pack * Superblock.BLOCKS_IN_SEGMENT;
      Checkpoint found =
          new Checkpoint(disk, start, block(disk, start), superblock.checkpointPayload());
      if (found.whole() && (newest.isEmpty() || found.version() - newest.get().version() > 0)) {
        newest = Optional.of(found);
      }
    }
    return newest.orElseThrow(() ->
        CorruptImageException.at(
            "f2fs file system",
            "checkpoint",
            superblock.checkpointStart() * BLOCK,
            "no whole pack",
            "one or two"));
  }

  private static byte[] block(Disk disk, long number) throws IOException {
    return disk.readBytes(number * BLOCK, BLOCK);
  }

  private boolean whole() throws IOException {
    long total = LittleEndian.u32(bytes, 136);
    if (!sumIsRight(bytes) || total < 2 || total > Superblock.BLOCKS_IN_SEGMENT) {
      return false;
    }
    byte[] last = block(disk, start + total - 1);
    return sumIsRight(last) && LittleEndian.s64(last, 0) == version();
  }

  private static boolean sumIsRight(byte[] block) {
    long at = LittleEndian.u32(block, SUM_AT);
    if (at < BITMAPS || at > BLOCK - 4) {
      return false;
    }
    int sum = crc(crc(Superblock.MAGIC, block, 0, (int) at), block, (int) at + 4, BLOCK);
    return sum == LittleEndian.s32(block, (int) at);
  }

  private static int crc(int start, byte[] bytes, int from, int to) {
    int register = start;
    for (int i = from; i < to; i++) {
      register ^= bytes[i] & 0xFF;
      for (int bit = 0; bit < 8; bit++) {
        register = register >>> 1 ^ POLYNOMIAL & -(register & 1);
      }
    }
    return register;
  }

  private long version() {
    return LittleEndian.s64(bytes, 0);
  }

  private boolean has(int flag) {
    return (LittleEndian.s32(bytes, 132) & flag) != 0;
  }

  /// True when nothing was written after it.
  boolean unmounted() {
    return has(UNMOUNTED);
  }

  /// Blocks of the main area that files may take, and that they do.
  long freeBlocks() {
    return Math.max(0, LittleEndian.s64(bytes, 8) - LittleEndian.s64(bytes, 16));
  }

  /// The bits that say which blocks of the segment table count in their second version.
  ///
  /// @param blocks of one version of the table
  byte[] tableVersions(long blocks) throws IOException {
    long size = LittleEndian.u32(bytes, 156);
    byte[] from = bytes;
    long at = BITMAPS;
    if (has(LARGE_BITMAP)) {
      at += 4 + LittleEndian.u32(bytes, 160);
    } else if (payload > 0) {
      from = block(disk, start + 1);
      at = 0;
      if (payload > 1 && size > BLOCK && payload < Superblock.BLOCKS_IN_SEGMENT) {
        from = disk.readBytes((start + 1) * BLOCK, (int) payload * BLOCK);
      }
    }
    if (size * 8 < blocks || at + size > from.length) {
      throw CorruptImageException.at(
          "f2fs file system",
          "checkpoint, the segment table's version bitmap",
          start * BLOCK,
          "%d bytes".formatted(size),
          "a bit for each of %d blocks".formatted(blocks));
    }
    return java.util.Arrays.copyOfRange(from, (int) at, (int) (at + size));
  }

  /// The journal of segments: a count in two bytes, then entries.
  byte[] segmentJournal() throws IOException {
    long total = LittleEndian.u32(bytes, 136);
    long summaries = LittleEndian.u32(bytes, 140);
    boolean compact = has(COMPACT);
    long number = compact ? summaries : total - (LOGS + 1) + COLD_DATA_LOG;
    if (number < 1 || number >= total) {
      throw CorruptImageException.at(
          "f2fs file system", "checkpoint, summary block", start * BLOCK, number, "< " + total);
    }
    int from = compact ? JOURNAL : SUMMARIES;
    return java.util.Arrays.copyOfRange(block(disk, start + number), from, from + JOURNAL);
  }
}
