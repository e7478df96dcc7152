package io.calco.volume.lvm;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// One copy of a volume group's metadata: a header sector that says where in the ring behind it the
/// text lies. A value of the moment when it was read.
final class MetadataArea {
  private static final int HEADER = 512;
  private static final int MAX_TEXT =
      64 << 20; // ours; LVM2's areas are 1 MiB unless told otherwise
  private static final byte[] MAGIC = " LVM2 x[5A%r0N*>".getBytes(StandardCharsets.US_ASCII);
  private static final int SUMMED_FROM = 4;
  private static final int MAGIC_AT = 4;
  private static final int VERSION = 20;
  private static final int START = 24;
  private static final int SIZE = 32;
  private static final int COMMITTED = 40;
  private static final int PRECOMMITTED = 64;
  private static final int LOCATION_BYTES = 24;
  private static final int IGNORED = 1;

  /// Where a text lies.
  ///
  /// @param offset from the area's start; 0 for none
  /// @param size in bytes
  /// @param sum of the text
  /// @param flags bit 0: this area is not to be used
  private record Location(long offset, long size, int sum, int flags) {
    static Location read(byte[] header) {
      return new Location(
          LittleEndian.s64(header, COMMITTED),
          LittleEndian.s64(header, COMMITTED + 8),
          LittleEndian.s32(header, COMMITTED + 16),
          LittleEndian.s32(header, COMMITTED + 20));
    }

    void put(byte[] header) {
      LittleEndian.put64(header, COMMITTED, offset);
      LittleEndian.put64(header, COMMITTED + 8, size);
      LittleEndian.put32(header, COMMITTED + 16, sum);
      LittleEndian.put32(header, COMMITTED + 20, flags);
    }
  }

  private final Disk disk;
  private final long start;
  private final long size;
  private final byte[] header;
  private final Location location;

  private MetadataArea(Disk disk, PvLabel.Area area) throws IOException {
    this.disk = disk;
    this.start = area.offset();
    this.size = area.size();
    if (start < 0 || size < 2 * HEADER || start > disk.size() - size) {
      throw new CorruptImageException(
          "LVM2: label: metadata area: found %d bytes at 0x%x, expected them within the volume's %d"
              .formatted(size, start, disk.size()));
    }
    header = disk.readBytes(start, HEADER);
    check();
    location = Location.read(header);
  }

  /// Reads the header.
  static MetadataArea read(Disk disk, PvLabel.Area area) throws IOException {
    return new MetadataArea(disk, area);
  }

  private void check() throws CorruptImageException {
    int sum = MetadataSum.of(header, SUMMED_FROM, HEADER);
    if (LittleEndian.s32(header, 0) != sum) {
      throw wrong(
          "checksum", "0x%08x".formatted(LittleEndian.s32(header, 0)), "0x%08x".formatted(sum));
    }
    if (!Arrays.equals(header, MAGIC_AT, MAGIC_AT + MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw wrong("magic", "another", "\" LVM2 x[5A%r0N*>\"");
    }
    if (LittleEndian.u32(header, VERSION) != 1) {
      throw wrong("version", LittleEndian.u32(header, VERSION), 1);
    }
    if (LittleEndian.s64(header, START) != start) {
      throw wrong("start", LittleEndian.s64(header, START), start);
    }
    if (LittleEndian.s64(header, SIZE) != size) {
      throw wrong("size", LittleEndian.s64(header, SIZE), size);
    }
  }

  private CorruptImageException wrong(String field, Object found, Object expected) {
    return new CorruptImageException(
        "LVM2: metadata header at 0x%x: %s: found %s, expected %s"
            .formatted(start, field, found, expected));
  }

  /// True when LVM2 keeps nothing current here.
  boolean ignored() {
    return (location.flags() & IGNORED) != 0;
  }

  /// The committed text; empty when there is none or this area is not in use.
  Optional<byte[]> text() throws IOException {
    if (ignored() || location.offset() == 0 || location.size() == 0) {
      return Optional.empty();
    }
    if (location.offset() < HEADER
        || location.offset() >= size
        || location.size() < 0
        || location.size() > size - HEADER) {
      throw wrong(
          "place of the text",
          "%d bytes at %d".formatted(location.size(), location.offset()),
          "a place in the area's %d".formatted(size));
    }
    if (location.size() > MAX_TEXT) {
      throw new LimitExceededException(
          "LVM2: metadata of %d bytes, more than %d (our limit)"
              .formatted(location.size(), MAX_TEXT));
    }
    byte[] text = new byte[(int) location.size()];
    int first = (int) Math.min(text.length, size - location.offset());
    MemorySegment bytes = MemorySegment.ofArray(text);
    disk.read(start + location.offset(), bytes.asSlice(0, first));
    if (first < text.length) {
      disk.read(start + HEADER, bytes.asSlice(first));
    }
    if (MetadataSum.of(text) != location.sum()) {
      throw wrong(
          "checksum of the text",
          "0x%08x".formatted(MetadataSum.of(text)),
          "0x%08x".formatted(location.sum()));
    }
    return Optional.of(text);
  }

  /// Copies the area to another place on a disk.
  void copyTo(Disk other, long offset) throws IOException {
    if (size > MAX_TEXT) {
      throw new LimitExceededException(
          "LVM2: a metadata area of %d bytes, more than %d (our limit)".formatted(size, MAX_TEXT));
    }
    byte[] all = disk.readBytes(start, (int) size);
    LittleEndian.put64(all, START, offset);
    LittleEndian.put32(all, 0, MetadataSum.of(all, SUMMED_FROM, HEADER));
    other.writeBytes(offset, all);
  }

  /// Writes another text into the ring, behind the one that counts, and on the medium. It does not
  /// count before the returned header is written.
  ///
  /// @throws LimitExceededException when the ring has not room for both; nothing was written
  PendingHeader prepare(byte[] text) throws IOException {
    long ring = size - HEADER;
    boolean used = location.offset() != 0;
    long oldEnd = used ? roundUp(location.offset() + location.size()) : HEADER;
    long at = oldEnd >= size ? oldEnd - ring : oldEnd;
    long taken = used ? roundUp(location.size()) : 0;
    if (taken + roundUp(text.length) > ring) {
      throw new LimitExceededException(
          "LVM2: the metadata area of %d bytes has no room for %d bytes beside the %d that count now"
              .formatted(size, text.length, location.size()));
    }
    int first = (int) Math.min(text.length, size - at);
    MemorySegment bytes = MemorySegment.ofArray(text);
    disk.write(start + at, bytes.asSlice(0, first));
    if (first < text.length) {
      disk.write(start + HEADER, bytes.asSlice(first));
    }
    byte[] next = header.clone();
    new Location(at, text.length, MetadataSum.of(text), 0).put(next);
    Arrays.fill(next, PRECOMMITTED, PRECOMMITTED + LOCATION_BYTES, (byte) 0);
    LittleEndian.put32(next, 0, MetadataSum.of(next, SUMMED_FROM, HEADER));
    return new PendingHeader(disk, start, next);
  }

  private static long roundUp(long bytes) {
    return Math.ceilDiv(bytes, HEADER) * HEADER;
  }

  /// A header that makes a text count.
  static final class PendingHeader {
    private final Disk disk;
    private final long start;
    private final byte[] header;

    private PendingHeader(Disk disk, long start, byte[] header) {
      this.disk = disk;
      this.start = start;
      this.header = header;
    }

    /// Writes it: one sector.
    void commit() throws IOException {
      disk.writeBytes(start, header);
      disk.sync();
    }
  }
}
