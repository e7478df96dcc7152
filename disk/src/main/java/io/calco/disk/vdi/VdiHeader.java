package io.calco.disk.vdi;

import static io.calco.disk.vdi.VdiLayout.SECTOR;
import static io.calco.disk.vdi.VdiLayout.U32;
import static io.calco.disk.vdi.VdiLayout.U64;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatVersionException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.function.Consumer;

/// The header: its 512 bytes as they are in the file, judged. Fields that Calco does not know stay
/// as they were. Immutable.
final class VdiHeader {
  private static final int BLOCK_SIZE_MAX = 256 << 20;

  private final MemorySegment bytes;

  private VdiHeader(MemorySegment bytes) {
    this.bytes = bytes.asReadOnly();
  }

  /// True when the file has the mark.
  static boolean isMarked(HostFile file) throws IOException {
    if (!file.reaches(VdiLayout.SIGNATURE + Integer.BYTES)) {
      return false;
    }
    MemorySegment mark = MemorySegment.ofArray(new byte[4]);
    file.read(VdiLayout.SIGNATURE, mark);
    return mark.get(U32, 0) == VdiLayout.SIGNATURE_VALUE;
  }

  static VdiHeader read(HostFile file) throws IOException {
    MemorySegment bytes = MemorySegment.ofArray(new byte[VdiLayout.HEADER_LENGTH]);
    try {
      file.read(0, bytes);
    } catch (EOFException e) {
      throw CorruptImageException.at(
          file.name(), "header", 0, "%d bytes".formatted(file.size()), "512 bytes at least");
    }
    return new Judge(file, bytes).header();
  }

  /// The bytes as they go to the file.
  MemorySegment bytes() {
    return bytes;
  }

  private static long u32(MemorySegment bytes, long at) {
    return Integer.toUnsignedLong(bytes.get(U32, at));
  }

  /// [VdiLayout#DYNAMIC], [VdiLayout#STATIC] or [VdiLayout#DIFFERENCING].
  int type() {
    return bytes.get(U32, VdiLayout.TYPE);
  }

  boolean differencing() {
    return type() == VdiLayout.DIFFERENCING;
  }

  /// The virtual size, whole sectors.
  long size() {
    return Math.ceilDiv(bytes.get(U64, VdiLayout.DISK_SIZE), SECTOR) * SECTOR;
  }

  /// Guest bytes in a block, a power of two.
  int blockSize() {
    return bytes.get(U32, VdiLayout.BLOCK_SIZE);
  }

  /// Bytes before each block's own in the file.
  int blockExtra() {
    return bytes.get(U32, VdiLayout.BLOCK_EXTRA);
  }

  /// Entries in the table; they cover the disk.
  long blocks() {
    return u32(bytes, VdiLayout.BLOCKS);
  }

  /// How many blocks the header says are in the file.
  long allocated() {
    return u32(bytes, VdiLayout.BLOCKS_ALLOCATED);
  }

  long tableOffset() {
    return u32(bytes, VdiLayout.TABLE_OFFSET);
  }

  long dataOffset() {
    return u32(bytes, VdiLayout.DATA_OFFSET);
  }

  /// The UUID that this image goes by.
  UUID identity() {
    return uuid(bytes, VdiLayout.UUID_IMAGE);
  }

  /// The UUID of what the image holds: another after each time it was written.
  UUID state() {
    return uuid(bytes, VdiLayout.UUID_STATE);
  }

  /// The UUID of the image below; all zeroes for none.
  UUID parent() {
    return uuid(bytes, VdiLayout.UUID_PARENT);
  }

  /// The state of the image below when this one was made; all zeroes where nobody noted it.
  UUID parentState() {
    return uuid(bytes, VdiLayout.UUID_PARENT_STATE);
  }

  /// Bytes from one block to the next in the file.
  long stride() {
    return (long) blockSize() + blockExtra();
  }

  /// Where a block's guest bytes lie.
  long hostOffset(int place) {
    return dataOffset() + Integer.toUnsignedLong(place) * stride() + blockExtra();
  }

  /// Bytes that lie in the file for a block: the disk's last may end with it.
  long present(long block) {
    return Math.clamp(size() - block * blockSize(), 0, blockSize());
  }

  private VdiHeader changed(Consumer<MemorySegment> change) {
    MemorySegment copy = MemorySegment.ofArray(bytes.toArray(ValueLayout.JAVA_BYTE));
    change.accept(copy);
    return new VdiHeader(copy);
  }

  /// This header after somebody wrote to the image.
  VdiHeader withState(UUID state) {
    return changed(copy -> setUuid(copy, VdiLayout.UUID_STATE, state));
  }

  VdiHeader withAllocated(int allocated) {
    return changed(copy -> copy.set(U32, VdiLayout.BLOCKS_ALLOCATED, allocated));
  }

  /// This header for a disk of another size.
  VdiHeader withSize(long size) {
    long blocks = Math.ceilDiv(size, blockSize());
    return changed(copy -> {
      copy.set(U64, VdiLayout.DISK_SIZE, size);
      copy.set(U32, VdiLayout.BLOCKS, (int) blocks);
    });
  }

  /// This header with its table and blocks elsewhere.
  VdiHeader withPlaces(long tableOffset, long dataOffset) {
    return changed(copy -> {
      copy.set(U32, VdiLayout.TABLE_OFFSET, (int) tableOffset);
      copy.set(U32, VdiLayout.DATA_OFFSET, (int) dataOffset);
    });
  }

  static UUID uuid(MemorySegment bytes, long at) {
    long first = bytes.get(U32, at) & 0xFFFF_FFFFL;
    long second = bytes.get(U32, at + 4) & 0xFFFF_FFFFL;
    long high = first << 32 | (second & 0xFFFF) << 16 | second >>> 16;
    return new UUID(high, bytes.get(U64.withOrder(ByteOrder.BIG_ENDIAN), at + 8));
  }

  static void setUuid(MemorySegment bytes, long at, UUID uuid) {
    long high = uuid.getMostSignificantBits();
    bytes.set(U32, at, (int) (high >>> 32));
    bytes.set(U32, at + 4, (int) ((high & 0xFFFF) << 16 | high >>> 16 & 0xFFFF));
    bytes.set(U64.withOrder(ByteOrder.BIG_ENDIAN), at + 8, uuid.getLeastSignificantBits());
  }

  /// Reads the fields, each within its bounds. Confined.
  private static final class Judge {
    private final HostFile file;
    private final MemorySegment bytes;

    Judge(HostFile file, MemorySegment bytes) {
      this.file = file;
      this.bytes = bytes;
    }

    VdiHeader header() throws IOException {
      expect(
          u32(VdiLayout.SIGNATURE) == (VdiLayout.SIGNATURE_VALUE & 0xFFFF_FFFFL),
          VdiLayout.SIGNATURE,
          "0xbeda107f");
      long version = u32(VdiLayout.VERSION);
      if (version != VdiLayout.VERSION_1_1) {
        throw new FormatVersionException(
            "%s: VDI of version %d.%d; known is 1.1"
                .formatted(file.name(), version >>> 16, version & 0xFFFF));
      }
      long type = u32(VdiLayout.TYPE);
      if (type == VdiLayout.UNDO) {
        throw new UnsupportedFeatureException(
            file.name() + ": an undo VDI; VirtualBox made them before version 1.6 only");
      }
      expect(
          type == VdiLayout.DYNAMIC || type == VdiLayout.STATIC || type == VdiLayout.DIFFERENCING,
          VdiLayout.TYPE,
          "image type 1, 2 or 4");
      expect(u32(VdiLayout.SECTOR_SIZE) == SECTOR, VdiLayout.SECTOR_SIZE, "sectors of 512 bytes");
      long blockSize = u32(VdiLayout.BLOCK_SIZE);
      expect(
          blockSize >= SECTOR && blockSize <= BLOCK_SIZE_MAX && Long.bitCount(blockSize) == 1,
          VdiLayout.BLOCK_SIZE,
          "a power of two from 512 bytes to 256 MiB");
      long extra = u32(VdiLayout.BLOCK_EXTRA);
      expect(
          extra <= blockSize && extra % SECTOR == 0,
          VdiLayout.BLOCK_EXTRA,
          "whole sectors, no more than a block");
      judgePlaces(blockSize);
      return new VdiHeader(bytes);
    }

    private void judgePlaces(long blockSize) throws IOException {
      long blocks = u32(VdiLayout.BLOCKS);
      if (blocks > VdiLayout.BLOCKS_MAX) {
        throw new LimitExceededException(
            "%s: VDI of %d blocks; at most %d are read (QEMU's limit)"
                .formatted(file.name(), blocks, VdiLayout.BLOCKS_MAX));
      }
      long stored = bytes.get(U64, VdiLayout.DISK_SIZE);
      expect(
          stored >= 0 && stored <= blocks * blockSize,
          VdiLayout.DISK_SIZE,
          "no more than %d blocks of %d bytes".formatted(blocks, blockSize));
      long table = u32(VdiLayout.TABLE_OFFSET);
      long data = u32(VdiLayout.DATA_OFFSET);
      expect(
          table >= VdiLayout.HEADER_LENGTH && table % SECTOR == 0,
          VdiLayout.TABLE_OFFSET,
          "a whole sector after the header");
      expect(
          data % SECTOR == 0 && data >= table + 4 * blocks,
          VdiLayout.DATA_OFFSET,
          "a whole sector after the table, which ends at 0x%x".formatted(table + 4 * blocks));
      expect(
          table + 4 * blocks <= file.size(),
          VdiLayout.BLOCKS,
          "a table inside the file of %d bytes".formatted(file.size()));
    }

    private long u32(long at) {
      return VdiHeader.u32(bytes, at);
    }

    private void expect(boolean right, int at, String expected) throws CorruptImageException {
      if (!right) {
        throw CorruptImageException.at(
            file.name(),
            "header",
            at,
            "0x%x".formatted(at == VdiLayout.DISK_SIZE ? bytes.get(U64, at) : u32(at)),
            expected);
      }
    }
  }
}
