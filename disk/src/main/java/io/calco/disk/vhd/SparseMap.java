package io.calco.disk.vhd;

import io.calco.disk.CorruptImageException;
import io.calco.disk.EntryTable;
import io.calco.disk.HostFile;
import io.calco.disk.Mapping;
import java.io.IOException;
import java.nio.ByteOrder;

/// Where the guest's sectors lie in a dynamic or differencing disk.
///
/// In a dynamic disk a block's sectors are all the block's own, as QEMU reads them: the sector
/// bitmap only says which were written. In a differencing disk it says which are this image's and
/// which the parent's.
///
/// Thread rule: [#map] beside other threads; all else alone.
final class SparseMap {
  private final HostFile file;
  private final boolean differencing;
  private final boolean writable;
  private final int blockSize;
  private final int bitmapSize;
  private final SectorBitmaps bitmaps;
  private EntryTable table;
  private long size;
  private long fileEnd;

  SparseMap(HostFile file, VhdFooter footer, DynamicHeader header, boolean writable)
      throws IOException {
    this.file = file;
    this.differencing = footer.type() == VhdFooter.DIFFERENCING;
    this.writable = writable;
    this.blockSize = header.blockSize();
    this.bitmapSize = header.bitmapSize();
    this.bitmaps = new SectorBitmaps(file, bitmapSize);
    this.table = table(file, header);
    this.size = footer.virtualSize();
    this.fileEnd = file.size();
  }

  static EntryTable table(HostFile file, DynamicHeader header) {
    return new EntryTable(
        file,
        "block allocation table",
        header.tableOffset(),
        header.entries(),
        ByteOrder.BIG_ENDIAN);
  }

  long size() {
    return size;
  }

  void setSize(long newSize) {
    size = newSize;
  }

  EntryTable table() {
    return table;
  }

  void setTable(EntryTable newTable) {
    table = newTable;
  }

  SectorBitmaps bitmaps() {
    return bitmaps;
  }

  boolean differencing() {
    return differencing;
  }

  int blockSize() {
    return blockSize;
  }

  int bitmapSize() {
    return bitmapSize;
  }

  /// The file has grown or shrunk.
  void setFileEnd(long end) {
    fileEnd = end;
  }

  /// Blocks in the disk.
  long blocks() {
    return Math.ceilDiv(size, blockSize);
  }

  /// Where a block begins, with its bitmap.
  static long hostOffset(int entry) {
    return Integer.toUnsignedLong(entry) * VhdLayout.SECTOR;
  }

  /// As [io.calco.disk.FormatDriver#map].
  Mapping map(long offset, long maxLength) throws IOException {
    long block = offset / blockSize;
    int inBlock = (int) (offset % blockSize);
    int entry = table.get(block);
    if (entry == VhdLayout.UNUSED) {
      long most = Math.ceilDiv(inBlock + maxLength, blockSize);
      long length = table.run(block, most, 0) * blockSize - inBlock;
      return new Mapping.Unallocated(Math.min(length, maxLength));
    }
    long bitmap = hostOffset(entry);
    int length = (int) Math.min(maxLength, blockSize - inBlock);
    long host = bitmap + bitmapSize + inBlock;
    if (host + length > fileEnd) {
      throw CorruptImageException.at(
          file.name(),
          "block %d of the block allocation table".formatted(block),
          table.hostOffset() + 4 * block,
          "a block at 0x%x".formatted(bitmap),
          "one inside the file of %d bytes".formatted(fileEnd));
    }
    if (!differencing && !writable) {
      return new Mapping.Data(file, host, length, false);
    }
    return mapSectors(bitmap, host, inBlock, length);
  }

  private Mapping mapSectors(long bitmap, long host, int inBlock, int length) throws IOException {
    byte[] bits = bitmaps.get(bitmap);
    int first = inBlock / VhdLayout.SECTOR;
    int last = (inBlock + length - 1) / VhdLayout.SECTOR;
    int sectors = SectorBitmaps.run(bits, first, last - first + 1);
    int run = Math.min(length, (first + sectors) * VhdLayout.SECTOR - inBlock);
    boolean own = SectorBitmaps.isSet(bits, first);
    return own || !differencing
        ? new Mapping.Data(file, host, run, own && writable)
        : new Mapping.Unallocated(run);
  }
}
