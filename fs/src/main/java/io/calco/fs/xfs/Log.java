package io.calco.fs.xfs;

import io.calco.disk.bytes.BigEndian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The log: a ring of basic blocks of 512 bytes, in which each block says in which round it was
/// written. The round changes at the head, where the next record goes.
final class Log {
  /// The farthest behind the head that a whole record may begin: eight records in flight, and one
  /// more, of 256 KiB and their headers.
  private static final long SEARCHED = 9 * 520;

  private final Volume volume;
  private final long start;
  private final long size;

  private Log(Volume volume) {
    Geometry geometry = volume.geometry;
    this.volume = volume;
    this.start = geometry.linear(geometry.logStart) << geometry.blockBits;
    this.size = geometry.logBlocks << (geometry.blockBits - 9);
  }

  /// The file system's own log; empty when it is on another device.
  static Optional<Log> of(Volume volume) {
    return volume.geometry.logStart == 0 ? Optional.empty() : Optional.of(new Log(volume));
  }

  /// Basic blocks in it.
  long size() {
    return size;
  }

  boolean summed() {
    return volume.geometry.features.v5();
  }

  /// Its first byte on the disk.
  long diskOffset() {
    return start;
  }

  /// Reads blocks, from the first again after the last.
  byte[] read(long block, int count) throws IOException {
    int first = (int) Math.min(count, size - block);
    byte[] bytes =
        volume.blocks.disk().readBytes(start + block * LogRecord.UNIT, first * LogRecord.UNIT);
    if (first == count) {
      return bytes;
    }
    byte[] all = java.util.Arrays.copyOf(bytes, count * LogRecord.UNIT);
    byte[] rest = volume.blocks.disk().readBytes(start, (count - first) * LogRecord.UNIT);
    System.arraycopy(rest, 0, all, first * LogRecord.UNIT, rest.length);
    return all;
  }

  /// Writes blocks, from the first again after the last.
  void write(long block, byte[] bytes) throws IOException {
    int first = (int) Math.min(bytes.length, (size - block) * LogRecord.UNIT);
    java.lang.foreign.MemorySegment all = java.lang.foreign.MemorySegment.ofArray(bytes);
    volume.blocks.disk().write(start + block * LogRecord.UNIT, all.asSlice(0, first));
    if (first < bytes.length) {
      volume.blocks.disk().write(start, all.asSlice(first));
    }
  }

  private long cycle(long block) throws IOException {
    byte[] bytes = volume.blocks.disk().readBytes(start + block * LogRecord.UNIT, 8);
    boolean header = BigEndian.s32(bytes, 0) == LogRecord.MAGIC;
    return BigEndian.u32(bytes, header ? 4 : 0);
  }

  /// Where the next record goes.
  ///
  /// @param block basic block of the log
  /// @param cycle the round it is written in
  record Head(long block, long cycle) {}

  /// Finds the head by halving: before it lies one round, behind it the one before.
  Head head() throws IOException {
    long first = cycle(0);
    if (cycle(size - 1) == first) {
      return new Head(0, first + 1);
    }
    long low = 0;
    long high = size - 1;
    while (high - low > 1) {
      long middle = (low + high) >>> 1;
      if (cycle(middle) == first) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return new Head(high, first);
  }

  /// What the log holds.
  ///
  /// @param head where the next record goes
  /// @param records those to be replayed, oldest first; none when it is clean
  record Content(Head head, List<LogRecord> records) {
    boolean clean() {
      return records.isEmpty();
    }
  }

  /// Reads what there is to replay. The last whole record says where the oldest one is that
  /// matters; when one between them is not whole, the one before it counts as the last.
  Content read() throws IOException {
    Head head = head();
    if (cycle(0) == 0) {
      return new Content(new Head(0, 1), List.of());
    }
    Optional<LogRecord> last = Optional.empty();
    for (long back = 1; back <= Math.min(size, SEARCHED) && last.isEmpty(); back++) {
      last = LogRecord.read(this, Math.floorMod(head.block() - back, size));
    }
    while (last.isPresent()) {
      LogRecord end = last.get();
      if (end.isUnmount() && (end.start() + end.blocks()) % size == head.block()) {
        return new Content(head, List.of());
      }
      List<LogRecord> records = upTo(end);
      if (!records.isEmpty() && records.getLast().start() == end.start()) {
        return new Content(head, records);
      }
      last = records.isEmpty() ? Optional.empty() : Optional.of(records.getLast());
    }
    throw new io.calco.disk.CorruptImageException(
        "xfs file system: log: found no whole record before its head at block %d, expected one"
            .formatted(head.block()));
  }

  /// The records from the tail of `end` up to it; fewer when one is not whole.
  private List<LogRecord> upTo(LogRecord end) throws IOException {
    List<LogRecord> records = new ArrayList<>();
    long at = end.tail() & 0xFFFFFFFFL;
    long seen = 0;
    while (at < size && seen < size) {
      Optional<LogRecord> record = LogRecord.read(this, at);
      boolean follows =
          record.isPresent()
              && (records.isEmpty()
                  || record.get().sequence() > records.getLast().sequence()
                      && record.get().sequence() <= end.sequence());
      if (!follows) {
        break;
      }
      records.add(record.get());
      if (record.get().start() == end.start()) {
        break;
      }
      seen += record.get().blocks();
      at = (at + record.get().blocks()) % size;
    }
    return records;
  }
}
