package io.calco.disk.vhd;

import static io.calco.disk.vhd.VhdLayout.U32;
import static io.calco.disk.vhd.VhdLayout.U64;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatVersionException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/// A dynamic disk header's 1024 bytes; fields that Calco does not know stay as they were.
/// Immutable.
final class DynamicHeader {
  private final MemorySegment bytes;
  private final long offset;

  private DynamicHeader(MemorySegment bytes, long offset) {
    this.bytes = bytes.asReadOnly();
    this.offset = offset;
  }

  /// The header of a new disk without a parent.
  static DynamicHeader create(long offset, long tableOffset, int entries, int blockSize) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[VhdLayout.HEADER_LENGTH]);
    bytes.set(U64, VhdLayout.COOKIE, VhdLayout.HEADER_COOKIE_VALUE);
    bytes.set(U64, 8, -1);
    bytes.set(U64, VhdLayout.TABLE_OFFSET, tableOffset);
    bytes.set(U32, VhdLayout.HEADER_VERSION, VhdLayout.VERSION_1_0);
    bytes.set(U32, VhdLayout.MAX_TABLE_ENTRIES, entries);
    bytes.set(U32, VhdLayout.BLOCK_SIZE, blockSize);
    return new DynamicHeader(sealed(bytes), offset);
  }

  private static MemorySegment sealed(MemorySegment bytes) {
    int checksum = VhdFooter.checksum(bytes, VhdLayout.HEADER_CHECKSUM);
    bytes.set(U32, VhdLayout.HEADER_CHECKSUM, checksum);
    return bytes;
  }

  /// Reads the header that a footer points to, and judges every field.
  ///
  /// @param forRepair a wrong checksum is let pass
  static DynamicHeader read(HostFile file, VhdFooter footer, boolean forRepair) throws IOException {
    long offset = footer.dataOffset();
    if (offset < VhdLayout.FOOTER_LENGTH
        || offset % VhdLayout.SECTOR != 0
        || offset > file.size() - VhdLayout.HEADER_LENGTH) {
      throw CorruptImageException.at(
          file.name(),
          "data offset of the footer",
          VhdLayout.DATA_OFFSET,
          "0x%x".formatted(offset),
          "a sector's place in a file of %d bytes".formatted(file.size()));
    }
    MemorySegment bytes = MemorySegment.ofArray(new byte[VhdLayout.HEADER_LENGTH]);
    file.read(offset, bytes);
    DynamicHeader header = new DynamicHeader(bytes, offset);
    header.check(file, footer, forRepair);
    return header;
  }

  private void check(HostFile file, VhdFooter footer, boolean forRepair) throws IOException {
    expect(
        file,
        bytes.get(U64, VhdLayout.COOKIE) == VhdLayout.HEADER_COOKIE_VALUE,
        VhdLayout.COOKIE,
        "dynamic disk header",
        "0x%016x".formatted(bytes.get(U64, VhdLayout.COOKIE)),
        "\"cxsparse\"");
    int version = bytes.get(U32, VhdLayout.HEADER_VERSION);
    if (version >>> 16 != VhdLayout.VERSION_1_0 >>> 16) {
      throw new FormatVersionException(
          "%s: dynamic disk header version %d.%d; known is 1.0"
              .formatted(file.name(), version >>> 16, version & 0xFFFF));
    }
    expect(
        file,
        forRepair || hasRightChecksum(),
        VhdLayout.HEADER_CHECKSUM,
        "checksum of the dynamic disk header (a repair can mend it)",
        "0x%08x".formatted(bytes.get(U32, VhdLayout.HEADER_CHECKSUM)),
        "0x%08x".formatted(VhdFooter.checksum(bytes, VhdLayout.HEADER_CHECKSUM)));
    int blockSize = blockSize();
    expect(
        file,
        blockSize >= VhdLayout.SECTOR && Integer.bitCount(blockSize) == 1,
        VhdLayout.BLOCK_SIZE,
        "block size",
        Integer.toUnsignedString(blockSize),
        "a power of two, at least 512");
    if (blockSize > VhdLayout.BLOCK_SIZE_MAX) {
      throw new LimitExceededException(
          "%s: blocks of %d bytes; our limit is %d"
              .formatted(file.name(), blockSize, VhdLayout.BLOCK_SIZE_MAX));
    }
    checkTable(file, Math.ceilDiv(footer.virtualSize(), blockSize));
  }

  private void checkTable(HostFile file, long needed) throws IOException {
    long entries = entries();
    expect(
        file,
        entries >= needed,
        VhdLayout.MAX_TABLE_ENTRIES,
        "number of table entries",
        entries,
        "at least %d, the disk's blocks".formatted(needed));
    if (entries > VhdLayout.BLOCKS_MAX) {
      throw new LimitExceededException(
          "%s: a disk of %d blocks; our limit is %d"
              .formatted(file.name(), entries, VhdLayout.BLOCKS_MAX));
    }
    long table = tableOffset();
    boolean apart =
        table >= offset + VhdLayout.HEADER_LENGTH
            || table >= VhdLayout.FOOTER_LENGTH && tableEnd() <= offset;
    expect(
        file,
        table > 0 && apart && table <= file.size() - 4 * entries,
        VhdLayout.TABLE_OFFSET,
        "block allocation table's offset",
        "0x%x".formatted(table),
        "a place for %d entries in a file of %d bytes".formatted(entries, file.size()));
  }

  private void expect(
      HostFile file, boolean right, long field, String structure, Object found, Object expected)
      throws CorruptImageException {
    if (!right) {
      throw CorruptImageException.at(file.name(), structure, offset + field, found, expected);
    }
  }

  boolean hasRightChecksum() {
    return bytes.get(U32, VhdLayout.HEADER_CHECKSUM)
        == VhdFooter.checksum(bytes, VhdLayout.HEADER_CHECKSUM);
  }

  /// The bytes as they go to the file; not to be changed.
  MemorySegment bytes() {
    return bytes;
  }

  /// Where the header lies.
  long offset() {
    return offset;
  }

  long tableOffset() {
    return bytes.get(U64, VhdLayout.TABLE_OFFSET);
  }

  /// Entries in the table; more than the disk needs, perhaps.
  long entries() {
    return Integer.toUnsignedLong(bytes.get(U32, VhdLayout.MAX_TABLE_ENTRIES));
  }

  long tableEnd() {
    return tableOffset() + VhdLayout.sectors(4 * entries());
  }

  /// Guest bytes in a block.
  int blockSize() {
    return bytes.get(U32, VhdLayout.BLOCK_SIZE);
  }

  /// Bytes of the sector bitmap before each block.
  int bitmapSize() {
    return (int) VhdLayout.sectors(Math.ceilDiv(blockSize(), VhdLayout.SECTOR * 8));
  }

  UUID parentId() {
    return VhdFooter.id(bytes, VhdLayout.PARENT_UNIQUE_ID);
  }

  /// The parent's file name as it stands in the header, perhaps with directories.
  String parentName() {
    byte[] name = new byte[VhdLayout.PARENT_NAME_LENGTH];
    MemorySegment.copy(
        bytes, VhdLayout.PARENT_NAME, MemorySegment.ofArray(name), 0, VhdLayout.PARENT_NAME_LENGTH);
    String text = new String(name, StandardCharsets.UTF_16BE);
    int end = text.indexOf('\0');
    return end < 0 ? text : text.substring(0, end);
  }

  /// One of the eight parent locator entries.
  ParentLocator locator(int index) {
    return ParentLocator.decode(
        bytes.asSlice(
            VhdLayout.PARENT_LOCATORS + (long) index * VhdLayout.LOCATOR_LENGTH,
            VhdLayout.LOCATOR_LENGTH));
  }

  /// This header with its table elsewhere.
  DynamicHeader withTable(long tableOffset, long entries) {
    MemorySegment copy = copy();
    copy.set(U64, VhdLayout.TABLE_OFFSET, tableOffset);
    copy.set(U32, VhdLayout.MAX_TABLE_ENTRIES, (int) entries);
    return new DynamicHeader(sealed(copy), offset);
  }

  /// This header without a parent.
  DynamicHeader withoutParent() {
    MemorySegment copy = copy();
    clearParent(copy);
    return new DynamicHeader(sealed(copy), offset);
  }

  private static void clearParent(MemorySegment copy) {
    copy.asSlice(
            VhdLayout.PARENT_UNIQUE_ID,
            VhdLayout.PARENT_LOCATORS
                + VhdLayout.LOCATORS * VhdLayout.LOCATOR_LENGTH
                - VhdLayout.PARENT_UNIQUE_ID)
        .fill((byte) 0);
  }

  /// This header with a parent.
  ///
  /// @param name the parent's file name without directories; cut where the field ends
  /// @param locator where its path stands
  DynamicHeader withParent(UUID id, int timeStamp, String name, ParentLocator locator) {
    MemorySegment copy = copy();
    clearParent(copy);
    VhdFooter.putId(copy, VhdLayout.PARENT_UNIQUE_ID, id);
    copy.set(U32, VhdLayout.PARENT_TIME_STAMP, timeStamp);
    byte[] text = name.getBytes(StandardCharsets.UTF_16BE);
    byte[] fitting = Arrays.copyOf(text, Math.min(text.length, VhdLayout.PARENT_NAME_LENGTH - 2));
    MemorySegment.copy(
        MemorySegment.ofArray(fitting), 0, copy, VhdLayout.PARENT_NAME, fitting.length);
    locator.encode(copy.asSlice(VhdLayout.PARENT_LOCATORS, VhdLayout.LOCATOR_LENGTH));
    return new DynamicHeader(sealed(copy), offset);
  }

  /// This header with its right checksum.
  DynamicHeader mended() {
    return new DynamicHeader(sealed(copy()), offset);
  }

  private MemorySegment copy() {
    return MemorySegment.ofArray(bytes.toArray(ValueLayout.JAVA_BYTE));
  }
}
