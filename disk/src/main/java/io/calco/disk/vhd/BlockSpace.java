package io.calco.disk.vhd;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import java.io.IOException;

/// Host space for new blocks, at the end of the file.
///
/// Blocks lie so that their data begins on a page of the host, their bitmap right before. The
/// footer moves ahead of them, some blocks at once: it is written at its new place before anything
/// overwrites the old one, so that the file always ends with a footer. [#trim] brings it back.
///
/// Confined.
final class BlockSpace {
  private static final int PAGE = 4096;
  private static final int BLOCKS_AHEAD_MAX = 32;
  private static final long SECTOR_MAX = 0xFFFF_FFFEL;

  private final HostFile file;
  private final SparseMap map;
  private final int align;
  private VhdFooter footer;

  /// The first byte after everything in use.
  private long next;

  /// Where the footer at the end lies.
  private long footerAt;

  private int taken;

  BlockSpace(HostFile file, SparseMap map, VhdFooter footer, long next, long footerAt) {
    this.file = file;
    this.map = map;
    this.align = Math.min(PAGE, map.blockSize());
    this.footer = footer;
    this.next = next;
    this.footerAt = footerAt;
  }

  /// The first byte after everything that a sound image uses; judges the table's entries on the
  /// way.
  static long end(HostFile file, SparseMap map, DynamicHeader header) throws IOException {
    long end = Math.max(header.offset() + VhdLayout.HEADER_LENGTH, header.tableEnd());
    for (int i = 0; i < VhdLayout.LOCATORS; i++) {
      ParentLocator locator = header.locator(i);
      if (locator.platform() != ParentLocator.NONE
          && locator.offset() > 0
          && locator.end() <= file.size()) {
        end = Math.max(end, locator.end());
      }
    }
    long whole = map.bitmapSize() + (long) map.blockSize();
    for (long block = 0; block < map.blocks(); block++) {
      int entry = map.table().get(block);
      if (entry == VhdLayout.UNUSED) {
        block += map.table().run(block, map.blocks(), 0) - 1;
        continue;
      }
      long host = SparseMap.hostOffset(entry);
      if (overMetadata(header, host, whole) || host + whole > file.size()) {
        throw CorruptImageException.at(
            file.name(),
            "block %d of the block allocation table".formatted(block),
            header.tableOffset() + 4 * block,
            "a block at 0x%x".formatted(host),
            "one inside the file and apart from its metadata");
      }
      end = Math.max(end, host + whole);
    }
    return VhdLayout.sectors(end);
  }

  /// True when a block would lie over the footer's copy, the header or the table.
  static boolean overMetadata(DynamicHeader header, long host, long length) {
    return host < VhdLayout.FOOTER_LENGTH
        || meets(host, length, header.offset(), VhdLayout.HEADER_LENGTH)
        || meets(host, length, header.tableOffset(), 4 * header.entries());
  }

  private static boolean meets(long one, long length, long other, long otherLength) {
    return one < other + otherLength && other < one + length;
  }

  /// Host bytes that a block takes with its bitmap and what aligns it.
  private long stride() {
    return Math.ceilDiv(map.bitmapSize(), align) * (long) align + map.blockSize();
  }

  /// Sets a block aside; its bytes read as zeroes.
  ///
  /// @return where its bitmap begins
  long take() throws IOException {
    long host = aligned(next);
    long end = host + map.bitmapSize() + map.blockSize();
    if (host / VhdLayout.SECTOR > SECTOR_MAX) {
      throw new LimitExceededException(
          file.name() + ": the file would pass 2 TiB, where the format ends");
    }
    if (end > footerAt) {
      int ahead = Math.clamp(taken, 1, BLOCKS_AHEAD_MAX);
      leaveFooter(end + (ahead - 1) * stride());
    }
    next = end;
    taken++;
    return host;
  }

  private long aligned(long at) {
    return Math.ceilDiv(at + map.bitmapSize(), align) * align - map.bitmapSize();
  }

  /// Gives the block that was taken last back, before anything refers to it.
  void giveBack(long host) throws IOException {
    file.punchHole(host, next - host);
    next = host;
  }

  /// Sets whole sectors aside that are no block.
  long takeSectors(long length) throws IOException {
    long at = next;
    long end = at + VhdLayout.sectors(length);
    if (end > footerAt) {
      leaveFooter(end);
    }
    next = end;
    return at;
  }

  /// Moves the footer ahead; what was its place reads as zeroes.
  private void leaveFooter(long to) throws IOException {
    long old = footerAt;
    moveFooter(to);
    file.punchHole(old, VhdLayout.FOOTER_LENGTH);
  }

  private void moveFooter(long to) throws IOException {
    file.write(to, footer.bytes());
    footerAt = to;
    map.setFileEnd(to + VhdLayout.FOOTER_LENGTH);
  }

  /// Ends the file after everything that is still in use: what lay beyond it must not come back as
  /// the content of a new block, which reads as zeroes.
  ///
  /// @param end the first byte after that
  void release(long end) throws IOException {
    next = Math.min(next, end);
    trim();
  }

  /// Ends the file after everything in use.
  void trim() throws IOException {
    if (footerAt > next) {
      moveFooter(next);
      file.truncate(next + VhdLayout.FOOTER_LENGTH);
    }
  }

  /// Writes another footer in place of the one at the end.
  void setFooter(VhdFooter newFooter) throws IOException {
    footer = newFooter;
    moveFooter(footerAt);
  }
}
