package io.calco.fs.f2fs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

/// The superblock, from the first of its two copies that makes sense. Offsets are those of `struct
/// f2fs_super_block`.
final class Superblock {
  static final int BLOCK = 4096;
  static final int BLOCKS_IN_SEGMENT = 512;
  static final int MAGIC = 0xF2F52010;

  private static final int WITHIN = 1024; // where in its block it begins
  private static final int SIZE = 3072;
  private static final int NAME = 124;
  private static final int NAME_SIZE = 1024;
  private static final int DEVICES = 2201;

  private final byte[] bytes;

  private Superblock(byte[] bytes) {
    this.bytes = bytes;
  }

  static boolean probe(Disk disk) throws IOException {
    return disk.size() >= 2 * BLOCK && LittleEndian.s32(disk.readBytes(WITHIN, 4), 0) == MAGIC;
  }

  static Superblock read(Disk disk) throws IOException {
    CorruptImageException first = null;
    for (long block = 0; block < 2; block++) {
      try {
        Superblock superblock = new Superblock(disk.readBytes(block * BLOCK + WITHIN, SIZE));
        superblock.check(disk.size() / BLOCK);
        return superblock;
      } catch (CorruptImageException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    throw java.util.Objects.requireNonNull(first);
  }

  private void check(long diskBlocks) throws IOException {
    require(LittleEndian.s32(bytes, 0) == MAGIC, "magic", LittleEndian.s32(bytes, 0), MAGIC);
    if (field(16) != 12 || field(20) != 9) {
      throw new UnsupportedFeatureException(
          "f2fs file system: blocks of 2^%d bytes, 2^%d in a segment; only those of 4 KiB and 2 MiB are read"
              .formatted(field(16), field(20)));
    }
    if (bytes[DEVICES] != 0) {
      throw new UnsupportedFeatureException("f2fs file system: it lies on several devices");
    }
    long blocks = blocks();
    require(blocks > 0 && blocks <= diskBlocks, "block_count", blocks, "<= " + diskBlocks);
    long main = mainStart() + mainSegments() * BLOCKS_IN_SEGMENT;
    require(main <= blocks, "the main area's end", main, "<= " + blocks);
    require(
        checkpointStart() >= 2 && checkpointStart() + 2 * BLOCKS_IN_SEGMENT <= tableStart(),
        "cp_blkaddr",
        checkpointStart(),
        "two segments before sit_blkaddr");
    long tables = tableStart() + 2 * tableBlocks();
    require(tables <= mainStart(), "the segment table's end", tables, "<= " + mainStart());
    long needed = Math.ceilDiv(mainSegments(), SegmentTable.ENTRIES_IN_BLOCK);
    require(tableBlocks() >= needed, "segment_count_sit", tableBlocks(), ">= " + needed);
  }

  private static void require(boolean right, String field, Object found, Object expected)
      throws CorruptImageException {
    if (!right) {
      throw CorruptImageException.at(
          "f2fs file system", "superblock, " + field, WITHIN, found, expected);
    }
  }

  private long field(int at) {
    return LittleEndian.u32(bytes, at);
  }

  /// Blocks in the file system.
  long blocks() {
    return LittleEndian.s64(bytes, 36);
  }

  long mainSegments() {
    return field(68);
  }

  /// The checkpoint's first block; the other pack is a segment behind it.
  long checkpointStart() {
    return field(76);
  }

  /// The segment table's first block.
  long tableStart() {
    return field(80);
  }

  /// Blocks in each of the segment table's two versions.
  long tableBlocks() {
    return field(56) / 2 * BLOCKS_IN_SEGMENT;
  }

  long mainStart() {
    return field(92);
  }

  /// Blocks behind the checkpoint's first that its bitmaps go on in.
  long checkpointPayload() {
    return field(1664);
  }

  UUID uuid() {
    return new UUID(
        Long.reverseBytes(LittleEndian.s64(bytes, 108)),
        Long.reverseBytes(LittleEndian.s64(bytes, 116)));
  }

  Optional<String> label() {
    String name = new String(bytes, NAME, NAME_SIZE, StandardCharsets.UTF_16LE);
    int end = name.indexOf(0);
    String label = end < 0 ? name : name.substring(0, end);
    return label.isEmpty() ? Optional.empty() : Optional.of(label);
  }
}
