package io.calco.sys.fuse;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// One answer as it is put together: `struct fuse_out_header` and what follows. Confined.
final class FuseAnswer {
  static final int HEADER_BYTES = 16;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  /// For ever, as far as the kernel is concerned: nothing changes.
  private static final long VALID_SECONDS = 86_400L * 365;

  private static final int BLOCK_BYTES = 4096;

  private final MemorySegment memory;
  private long length = HEADER_BYTES;

  /// @param memory holds the longest answer
  FuseAnswer(MemorySegment memory) {
    this.memory = memory;
  }

  void begin() {
    length = HEADER_BYTES;
  }

  /// The whole answer.
  ///
  /// @param error an error number, or 0; with one nothing follows the header
  MemorySegment finish(long unique, int error) {
    long bytes = error == 0 ? length : HEADER_BYTES;
    memory.set(INT, 0, Math.toIntExact(bytes));
    memory.set(INT, 4, -error);
    memory.set(LONG, 8, unique);
    return memory.asSlice(0, bytes);
  }

  /// Room for content, at most as much as asked.
  MemorySegment room(long bytes) {
    return memory.asSlice(length, Math.min(bytes, memory.byteSize() - length));
  }

  /// That much of the room is used.
  void used(long bytes) {
    length += bytes;
  }

  FuseAnswer putInt(int value) {
    memory.set(INT, length, value);
    length += Integer.BYTES;
    return this;
  }

  FuseAnswer putShort(int value) {
    memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, length, (short) value);
    length += Short.BYTES;
    return this;
  }

  FuseAnswer putLong(long value) {
    memory.set(LONG, length, value);
    length += Long.BYTES;
    return this;
  }

  FuseAnswer putBytes(byte[] bytes) {
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, length, bytes.length);
    length += bytes.length;
    return this;
  }

  /// `struct fuse_entry_out`.
  void putEntry(long nodeId, FuseNode.Status status) {
    putLong(nodeId).putLong(0).putLong(VALID_SECONDS).putLong(VALID_SECONDS).putInt(0).putInt(0);
    putAttributes(status);
  }

  /// `struct fuse_attr_out`.
  void putStatus(FuseNode.Status status) {
    putLong(VALID_SECONDS).putInt(0).putInt(0);
    putAttributes(status);
  }

  /// `struct fuse_attr`.
  private void putAttributes(FuseNode.Status status) {
    Instant modified = status.modified();
    long seconds = modified.getEpochSecond();
    int nanos = modified.getNano();
    putLong(status.inode()).putLong(Math.max(0, status.size()));
    putLong((Math.max(0, status.allocated()) + 511) / 512);
    putLong(seconds).putLong(seconds).putLong(seconds).putInt(nanos).putInt(nanos).putInt(nanos);
    putInt(status.kind().mode() | status.permissions() & 0xfff);
    putInt(Math.max(1, status.links())).putInt(status.uid()).putInt(status.gid());
    putInt(0).putInt(BLOCK_BYTES).putInt(0);
  }

  /// `struct fuse_dirent`, when there is room for it below a limit.
  ///
  /// @param next where the reading goes on behind it
  boolean putDirent(FuseNode.Entry entry, long next, long limit) {
    byte[] name = entry.name().getBytes(StandardCharsets.ISO_8859_1);
    int bytes = (24 + name.length + 7) & ~7;
    if (length - HEADER_BYTES + bytes > limit) {
      return false;
    }
    long end = length + bytes;
    putLong(entry.inode()).putLong(next).putInt(name.length).putInt(entry.kind().mode() >> 12);
    putBytes(name);
    while (length < end) {
      memory.set(ValueLayout.JAVA_BYTE, length++, (byte) 0);
    }
    return true;
  }
}
