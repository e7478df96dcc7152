package io.calco.fs.xfs;

import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.BigEndian;
import io.calco.disk.bytes.LittleEndian;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Writes transactions into a log that is clean, and makes it clean again.
final class LogWriter {
  private static final int RECORD = 32 << 10;
  private static final int TRANSACTION_HEADER_MAGIC = 0x5452414E;
  private static final int CHECKPOINT = 40;
  private static final int UNMOUNT_MAGIC = 0x556E;

  private final Volume volume;
  private final Log log;
  private long block;
  private long cycle;
  private long previous;
  private long tail;
  private byte[] uuid;
  private int transaction;
  private final ByteArrayOutputStream data = new ByteArrayOutputStream(RECORD);
  private int operations;

  LogWriter(Volume volume, Log log, Log.Head head) {
    this.volume = volume;
    this.log = log;
    this.block = head.block();
    this.cycle = head.cycle();
    this.previous = head.block();
    this.uuid = volume.geometry.uuid();
  }

  /// From now on records carry this UUID: the one that people see.
  void useUuid(byte[] newUuid) {
    uuid = newUuid.clone();
  }

  /// Part of the disk that a transaction has changed.
  static final class Item {
    private final int type;
    private final long start;
    private final int blocks;
    private final int from;
    private final byte[] content;

    /// @param type its kind, of [Buffers]
    /// @param start the buffer's first basic block
    /// @param blocks the buffer's basic blocks
    /// @param from where in the buffer the content belongs, in bytes, a multiple of 128
    Item(int type, long start, int blocks, int from, byte[] content) {
      this.type = type;
      this.start = start;
      this.blocks = blocks;
      this.from = from;
      this.content = content;
    }
  }

  /// The most bytes a transaction may have, so that the log holds it with ease.
  long capacity() {
    return log.size() / 2 * LogRecord.UNIT;
  }

  /// Writes one transaction; it counts once all of it is on the medium.
  void append(List<Item> items) throws IOException {
    long bytes = items.stream().mapToLong(item -> item.content.length + 256L).sum();
    if (bytes > capacity()) {
      throw new LimitExceededException(
          "xfs file system: one change of %d bytes, the log takes %d".formatted(bytes, capacity()));
    }
    tail = sequence();
    transaction++;
    operation(LogOperation.CLIENT_TRANSACTION, LogOperation.START, new byte[0]);
    byte[] header = new byte[16];
    LittleEndian.put32(header, 0, TRANSACTION_HEADER_MAGIC);
    LittleEndian.put32(header, 4, CHECKPOINT);
    LittleEndian.put32(header, 8, transaction);
    LittleEndian.put32(header, 12, items.size());
    operation(LogOperation.CLIENT_TRANSACTION, 0, header);
    for (Item item : items) {
      operation(LogOperation.CLIENT_TRANSACTION, 0, format(item));
      operation(LogOperation.CLIENT_TRANSACTION, 0, item.content);
    }
    operation(LogOperation.CLIENT_TRANSACTION, LogOperation.COMMIT, new byte[0]);
    flush();
  }

  /// Says that the file system was unmounted in order: nothing is to be replayed.
  void unmount() throws IOException {
    tail = sequence();
    byte[] record = new byte[8];
    LittleEndian.put16(record, 0, UNMOUNT_MAGIC);
    operation(LogOperation.CLIENT_LOG, LogOperation.UNMOUNT, record);
    flush();
  }

  private static byte[] format(Item item) {
    int chunks = (item.blocks * LogRecord.UNIT + LogOperation.CHUNK - 1) / LogOperation.CHUNK;
    int words = (chunks + 31) / 32;
    byte[] format = new byte[20 + words * 4];
    LittleEndian.put16(format, 0, LogOperation.ITEM_BUFFER);
    LittleEndian.put16(format, 2, 2);
    LittleEndian.put16(format, 4, item.type << LogOperation.TYPE_SHIFT);
    LittleEndian.put16(format, 6, item.blocks);
    LittleEndian.put64(format, 8, item.start);
    LittleEndian.put32(format, 16, words);
    int first = item.from / LogOperation.CHUNK;
    int last = (item.from + item.content.length) / LogOperation.CHUNK;
    for (int bit = first; bit < last; bit++) {
      int at = 20 + bit / 32 * 4;
      LittleEndian.put32(format, at, LittleEndian.s32(format, at) | 1 << bit % 32);
    }
    return format;
  }

  private long sequence() {
    return cycle << 32 | block;
  }

  private void operation(int client, int flags, byte[] content) throws IOException {
    if (data.size() + LogOperation.HEADER + content.length > RECORD - LogRecord.UNIT) {
      flush();
    }
    byte[] header = new byte[LogOperation.HEADER];
    BigEndian.put32(header, 0, transaction);
    BigEndian.put32(header, 4, content.length);
    BigEndian.put8(header, 8, client);
    BigEndian.put8(header, 9, flags);
    data.writeBytes(header);
    data.writeBytes(content);
    operations++;
  }

  /// Writes the record gathered so far.
  private void flush() throws IOException {
    Geometry geometry = volume.geometry;
    int unit = Math.max(Math.max(LogRecord.UNIT, geometry.logSectorSize), geometry.logStripe);
    int total = (LogRecord.UNIT + data.size() + unit - 1) / unit * unit;
    byte[] record = new byte[total];
    byte[] content = data.toByteArray();
    System.arraycopy(content, 0, record, LogRecord.UNIT, content.length);
    int length = total - LogRecord.UNIT;
    BigEndian.put32(record, 0, LogRecord.MAGIC);
    BigEndian.put32(record, 4, cycle);
    BigEndian.put32(record, 8, 2);
    BigEndian.put32(record, 12, length);
    BigEndian.put64(record, 16, sequence());
    BigEndian.put64(record, 24, tail);
    BigEndian.put32(record, 36, previous);
    BigEndian.put32(record, 40, operations);
    BigEndian.put32(record, LogRecord.AT_FORMAT, LogRecord.FORMAT_LE);
    byte[] owner = uuid;
    System.arraycopy(owner, 0, record, LogRecord.AT_UUID, owner.length);
    BigEndian.put32(record, LogRecord.AT_SIZE, RECORD);
    for (int i = 1; i < total / LogRecord.UNIT; i++) {
      int at = i * LogRecord.UNIT;
      System.arraycopy(record, at, record, LogRecord.AT_CYCLE_DATA + (i - 1) * 4, 4);
      BigEndian.put32(record, at, block + i >= log.size() ? cycle + 1 : cycle);
    }
    int sum = LogRecord.sum(record, 1, length, LogRecord.HEADER_SUMMED);
    LittleEndian.put32(record, LogRecord.SUM_AT, sum);
    log.write(block, record);
    previous = block;
    block += total / LogRecord.UNIT;
    if (block >= log.size()) {
      block -= log.size();
      cycle++;
    }
    data.reset();
    operations = 0;
  }

  /// Wipes what the log still holds of old metadata; each block keeps its cycle. The log is clean,
  /// and is so at every moment.
  void wipe() throws IOException {
    List<Long> kept = new ArrayList<>();
    for (long at = previous; at != block; at = (at + 1) % log.size()) {
      kept.add(at);
    }
    int step = 256;
    for (long at = 0; at < log.size(); at += step) {
      int count = (int) Math.min(step, log.size() - at);
      byte[] old = log.read(at, count);
      byte[] wiped = new byte[old.length];
      for (int i = 0; i < count; i++) {
        int in = i * LogRecord.UNIT;
        if (kept.contains(at + i)) {
          System.arraycopy(old, in, wiped, in, LogRecord.UNIT);
        } else {
          boolean header = BigEndian.s32(old, in) == LogRecord.MAGIC;
          System.arraycopy(old, header ? in + 4 : in, wiped, in, 4);
        }
      }
      if (!java.util.Arrays.equals(old, wiped)) {
        log.write(at, wiped);
      }
    }
  }
}
