package io.calco.fs.xfs;

import io.calco.disk.bytes.BigEndian;
import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/// A record of the log: a header, and the operations that were written together. The first word of
/// each 512 bytes is the log's cycle; the word that belongs there is in the header.
final class LogRecord {
  static final int MAGIC = 0xFEEDBABE;
  static final int UNIT = 512;
  static final int FORMAT_LE = 1;

  static final int AT_CYCLE_DATA = 44;
  static final int AT_FORMAT = 300;
  static final int AT_UUID = 304;
  static final int AT_SIZE = 320;
  static final int SUM_AT = 32;

  /// Bytes of a header that its checksum covers.
  static final int HEADER_SUMMED = 328;

  private static final int EXT_SUMMED = 260;
  private static final int WORDS = 64;
  private static final int MAX_SIZE = 256 << 10;

  private final long start;
  private final long cycle;
  private final long tail;
  private final long operations;
  private final long blocks;
  private final byte[] data;

  private LogRecord(byte[] header, long start, long blocks, byte[] data) {
    this.start = start;
    this.cycle = BigEndian.u32(header, 4);
    this.tail = BigEndian.s64(header, 24);
    this.operations = BigEndian.u32(header, 40);
    this.blocks = blocks;
    this.data = data;
  }

  /// Its first basic block in the log.
  long start() {
    return start;
  }

  /// Place of the oldest record that a replay up to this one needs.
  long tail() {
    return tail;
  }

  /// How many operations it holds.
  long operations() {
    return operations;
  }

  /// Basic blocks, with the header.
  long blocks() {
    return blocks;
  }

  /// Its operations' bytes, live.
  byte[] data() {
    return data;
  }

  /// The record that begins at a block; empty when none does, or not all of it is there.
  static Optional<LogRecord> read(Log log, long start) throws IOException {
    byte[] header = log.read(start, 1);
    if (BigEndian.s32(header, 0) != MAGIC || BigEndian.u32(header, 20) != start) {
      return Optional.empty();
    }
    long length = BigEndian.u32(header, 12);
    int version = BigEndian.s32(header, 8);
    long size = version == 2 ? BigEndian.u32(header, AT_SIZE) : 0;
    int headers = Math.clamp((size + (WORDS * UNIT - 1)) / (WORDS * UNIT), 1, 8);
    long blocks = (length + UNIT - 1) / UNIT;
    if (length > MAX_SIZE || headers + blocks > log.size() || blocks > (long) headers * WORDS) {
      return Optional.empty();
    }
    byte[] all = log.read(start, headers + (int) blocks);
    if (!sumIsRight(log, all, headers, (int) length)) {
      return Optional.empty();
    }
    byte[] data = Arrays.copyOfRange(all, headers * UNIT, all.length);
    long cycle = BigEndian.u32(header, 4);
    for (int i = 0; i < blocks; i++) {
      long found = BigEndian.u32(data, i * UNIT);
      if (found != (start + headers + i >= log.size() ? cycle + 1 : cycle)) {
        return Optional.empty(); // an older record's block: this one was not written whole
      }
      int word = i < WORDS ? AT_CYCLE_DATA + i * 4 : i / WORDS * UNIT + 4 + i % WORDS * 4;
      System.arraycopy(all, word, data, i * UNIT, 4);
    }
    return Optional.of(
        new LogRecord(header, start, headers + blocks, Arrays.copyOf(data, (int) length)));
  }

  private static boolean sumIsRight(Log log, byte[] all, int headers, int length) {
    if (!log.summed()) {
      return true;
    }
    int found = LittleEndian.s32(all, SUM_AT);
    return found == 0 // as mkfs.xfs writes the first record
        || found == sum(all, headers, length, HEADER_SUMMED)
        || found == sum(all, headers, length, HEADER_SUMMED - 4);
  }

  /// The checksum of a record as it stands in the log.
  ///
  /// @param all header blocks and data
  /// @param summed bytes of the header that count
  static int sum(byte[] all, int headers, int length, int summed) {
    int crc = Crc32c.update(-1, all, 0, SUM_AT);
    crc = Crc32c.update(crc, new byte[4]);
    crc = Crc32c.update(crc, all, SUM_AT + 4, summed - SUM_AT - 4);
    for (int i = 1; i < headers; i++) {
      crc = Crc32c.update(crc, all, i * UNIT, EXT_SUMMED);
    }
    return ~Crc32c.update(crc, all, headers * UNIT, length);
  }

  /// The place as the log's sequence numbers have it.
  long sequence() {
    return cycle << 32 | start;
  }

  /// True when it says that the file system was unmounted in order.
  boolean isUnmount() {
    return operations == 1 && data.length >= 12 && (data[9] & LogOperation.UNMOUNT) != 0;
  }
}
