package io.calco.disk.vdi;

import io.calco.disk.CorruptImageException;
import io.calco.disk.EntryTable;
import io.calco.disk.HostFile;
import io.calco.disk.Mapping;
import java.io.IOException;
import java.nio.ByteOrder;

/// Where the guest's bytes lie.
///
/// Thread rule: [#map] beside other threads; all else alone.
final class VdiMap {
  private final HostFile file;
  private final boolean writable;
  private VdiHeader header;
  private EntryTable table;
  private long fileEnd;

  VdiMap(HostFile file, VdiHeader header, boolean writable) throws IOException {
    this.file = file;
    this.header = header;
    this.writable = writable;
    this.table = table(file, header);
    this.fileEnd = file.size();
  }

  static EntryTable table(HostFile file, VdiHeader header) {
    return new EntryTable(
        file, "block map", header.tableOffset(), header.blocks(), ByteOrder.LITTLE_ENDIAN);
  }

  VdiHeader header() {
    return header;
  }

  /// The header has changed; the table is where it was.
  void setHeader(VdiHeader changed) {
    header = changed;
  }

  EntryTable table() {
    return table;
  }

  void setTable(EntryTable changed) {
    table = changed;
  }

  long fileEnd() {
    return fileEnd;
  }

  /// The file has grown or shrunk.
  void setFileEnd(long end) {
    fileEnd = end;
  }

  /// As [io.calco.disk.FormatDriver#map].
  Mapping map(long offset, long maxLength) throws IOException {
    int blockSize = header.blockSize();
    long block = offset / blockSize;
    long inBlock = offset % blockSize;
    int entry = table.get(block);
    boolean isBlock = VdiLayout.isBlock(entry);
    boolean mergeable = !isBlock || header.blockExtra() == 0;
    long most = mergeable ? Math.ceilDiv(inBlock + maxLength, blockSize) : 1;
    long run = table.run(block, most, isBlock ? 1 : 0);
    long length = Math.min(maxLength, run * blockSize - inBlock);
    if (!isBlock) {
      return header.differencing() && entry == VdiLayout.ZERO
          ? new Mapping.Zero(length, false)
          : new Mapping.Unallocated(length);
    }
    long host = header.hostOffset(entry) + inBlock;
    if (host + length > fileEnd) {
      // the run ends with the last whole block; one that is cut off is refused
      length = (fileEnd - host + inBlock) / blockSize * blockSize - inBlock;
    }
    if (length <= 0) {
      throw CorruptImageException.at(
          file.name(),
          "entry %d of the block map".formatted(block),
          table.hostOffset() + 4 * block,
          "place %d".formatted(Integer.toUnsignedLong(entry)),
          "one inside the file of %d bytes".formatted(fileEnd));
    }
    return new Mapping.Data(file, host, length, writable);
  }
}
