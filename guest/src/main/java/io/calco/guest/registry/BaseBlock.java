package io.calco.guest.registry;

import io.calco.disk.CorruptImageException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;

/// The first 512 bytes of a hive, and of a log (specification, "Base block"). Mutable: what is not
/// understood is kept.
final class BaseBlock {
  /// Bytes before the hive bins.
  static final int SIZE = 4096;

  private static final int SECTOR = 512;
  private static final int SIGNATURE = 0x66676572; // "regf"
  private static final int PRIMARY_SEQUENCE = 4;
  private static final int SECONDARY_SEQUENCE = 8;
  private static final int LAST_WRITTEN = 12;
  private static final int MAJOR = 20;
  private static final int MINOR = 24;
  private static final int FILE_TYPE = 28;
  private static final int FILE_FORMAT = 32;
  private static final int ROOT_CELL = 36;
  private static final int BINS_SIZE = 40;
  private static final int CLUSTERING = 44;
  private static final int CHECKSUM = 508;

  private final byte[] bytes;

  private BaseBlock(byte[] bytes) {
    this.bytes = bytes;
  }

  /// Reads it from the start of a file; its sum may be wrong.
  ///
  /// @throws CorruptImageException when the file is too short or something else
  static BaseBlock of(String file, byte[] content) throws IOException {
    if (content.length < SECTOR) {
      throw CorruptImageException.at(
          file, "registry base block", 0, content.length + " bytes", "at least " + SECTOR);
    }
    BaseBlock block = new BaseBlock(Arrays.copyOf(content, SECTOR));
    int signature = LittleEndian.s32(content, 0);
    if (signature != SIGNATURE) {
      throw CorruptImageException.at(
          file, "registry signature", 0, "0x%08x".formatted(signature), "regf");
    }
    return block;
  }

  /// A new hive's, version 1.5.
  static BaseBlock create(int rootCell, int binsSize, Instant now) {
    BaseBlock block = new BaseBlock(new byte[SECTOR]);
    LittleEndian.put32(block.bytes, 0, SIGNATURE);
    LittleEndian.put32(block.bytes, MAJOR, 1);
    LittleEndian.put32(block.bytes, MINOR, 5);
    LittleEndian.put32(block.bytes, FILE_FORMAT, 1);
    LittleEndian.put32(block.bytes, ROOT_CELL, rootCell);
    LittleEndian.put32(block.bytes, CLUSTERING, 1);
    block.complete(0, binsSize, now);
    return block;
  }

  /// Refuses versions that are not known.
  void checkVersion(String file) throws IOException {
    long major = LittleEndian.u32(bytes, MAJOR);
    if (major != 1 || minor() < 3 || minor() > 6) {
      throw new UnsupportedFeatureException(
          "%s: registry version %d.%d; 1.3 to 1.6 are read".formatted(file, major, minor()));
    }
  }

  long minor() {
    return LittleEndian.u32(bytes, MINOR);
  }

  boolean sumIsRight() {
    return LittleEndian.s32(bytes, CHECKSUM) == sum();
  }

  /// Windows' XOR, which is never 0 or −1.
  private int sum() {
    int sum = 0;
    for (int at = 0; at < CHECKSUM; at += 4) {
      sum ^= LittleEndian.s32(bytes, at);
    }
    return switch (sum) {
      case 0 -> 1;
      case -1 -> -2;
      default -> sum;
    };
  }

  boolean sequencesAgree() {
    return primarySequence() == LittleEndian.s32(bytes, SECONDARY_SEQUENCE);
  }

  int primarySequence() {
    return LittleEndian.s32(bytes, PRIMARY_SEQUENCE);
  }

  long rootCell() {
    return LittleEndian.u32(bytes, ROOT_CELL);
  }

  long binsSize() {
    return LittleEndian.u32(bytes, BINS_SIZE);
  }

  Instant lastWritten() {
    return FileTime.toInstant(LittleEndian.s64(bytes, LAST_WRITTEN));
  }

  /// Makes it that of a hive written completely.
  void complete(int sequence, int binsSize, Instant now) {
    LittleEndian.put32(bytes, PRIMARY_SEQUENCE, sequence);
    LittleEndian.put32(bytes, SECONDARY_SEQUENCE, sequence);
    LittleEndian.put64(bytes, LAST_WRITTEN, FileTime.of(now));
    LittleEndian.put32(bytes, FILE_TYPE, 0);
    LittleEndian.put32(bytes, BINS_SIZE, binsSize);
    LittleEndian.put32(bytes, CHECKSUM, sum());
  }

  /// Puts it at the start of `hive`.
  void store(byte[] hive) {
    System.arraycopy(bytes, 0, hive, 0, SECTOR);
  }
}
