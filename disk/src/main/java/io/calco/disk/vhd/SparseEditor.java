package io.calco.disk.vhd;

import io.calco.disk.Barrier;
import io.calco.disk.EntryTable;
import io.calco.disk.HostFile;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/// Changes a dynamic or differencing disk. See the package's chapter for the order of writes.
///
/// Confined to whoever may change the image.
final class SparseEditor {
  private static final int SECTOR = VhdLayout.SECTOR;
  private static final int ZERO_PIECE = 256 << 10;

  private final HostFile file;
  private final SparseMap map;
  private final BlockSpace space;
  private final Barrier barrier;
  private VhdFooter footer;
  private DynamicHeader header;

  /// Finds the end of what is used, and mends a footer that is missing or out of step.
  SparseEditor(HostFile file, SparseMap map, Footers footers, DynamicHeader header)
      throws IOException {
    this.file = file;
    this.map = map;
    this.footer = footers.footer();
    this.header = header;
    long end = BlockSpace.end(file, map, header);
    this.barrier = new Barrier(file::sync, !isEmpty(map));
    if (!footers.headSound()) {
      file.write(0, footer.bytes());
    }
    boolean inPlace = footers.tailSound() && footers.dataEnd() == end;
    if (!inPlace) {
      file.write(end, footer.bytes());
      file.truncate(end + VhdLayout.FOOTER_LENGTH);
    }
    map.setFileEnd(end + VhdLayout.FOOTER_LENGTH);
    this.space = new BlockSpace(file, map, footer, end, end);
  }

  private static boolean isEmpty(SparseMap map) throws IOException {
    long blocks = map.blocks();
    return blocks == 0
        || map.table().get(0) == VhdLayout.UNUSED && map.table().run(0, blocks, 0) == blocks;
  }

  SparseAllocation allocate(long offset, long length) throws IOException {
    long block = offset / map.blockSize();
    long start = offset - offset % SECTOR;
    long end =
        Math.min(
            Math.ceilDiv(Math.addExact(offset, length), SECTOR) * SECTOR,
            (block + 1) * map.blockSize());
    int entry = map.table().get(block);
    boolean fresh = entry == VhdLayout.UNUSED;
    long bitmap = fresh ? space.take() : SparseMap.hostOffset(entry);
    long host = bitmap + map.bitmapSize() + start % map.blockSize();
    return new SparseAllocation(start, end - start, file, host, block, bitmap, fresh);
  }

  void commit(SparseAllocation run) throws IOException {
    if (run.fresh()) {
      map.bitmaps().create(run.bitmap(), !map.differencing());
      map.table().set(run.block(), (int) (run.bitmap() / SECTOR));
    }
    if (map.differencing()) {
      int first = (int) (run.offset() % map.blockSize() / SECTOR);
      map.bitmaps().set(run.bitmap(), first, (int) (run.length() / SECTOR));
    } else if (!run.fresh()) {
      map.bitmaps().set(run.bitmap(), 0, map.blockSize() / SECTOR);
    }
    if (map.table().mustWrite() || map.bitmaps().mustWrite()) {
      flush();
    }
  }

  void abandon(SparseAllocation run) throws IOException {
    if (run.fresh()) {
      space.giveBack(run.bitmap());
    }
  }

  /// Zeroes sectors of one block, or a run of blocks that read as zeroes already.
  long zero(long offset, long length, ZeroMode mode) throws IOException {
    long whole = offset + length == map.size() ? length : length - length % SECTOR;
    if (offset % SECTOR != 0 || whole == 0) {
      return 0;
    }
    long block = offset / map.blockSize();
    boolean unused = map.table().get(block) == VhdLayout.UNUSED;
    if (unused && !map.differencing() && mode == ZeroMode.MAY_UNMAP) {
      long most = Math.ceilDiv(offset % map.blockSize() + whole, map.blockSize());
      long end = (block + map.table().run(block, most, 0)) * map.blockSize();
      return Math.min(whole, end - offset);
    }
    SparseAllocation run = allocate(offset, whole);
    try {
      if (mode == ZeroMode.KEEP_ALLOCATED) {
        writeZeroes(run);
      } else if (!unused) {
        file.punchHole(run.hostOffset(), run.length());
      }
      commit(run);
    } catch (IOException | RuntimeException e) {
      abandonAfter(run, e);
      throw e;
    }
    return Math.min(whole, run.length());
  }

  private void abandonAfter(SparseAllocation run, Exception cause) {
    try {
      abandon(run);
    } catch (IOException suppressed) {
      cause.addSuppressed(suppressed);
    }
  }

  private void writeZeroes(SparseAllocation run) throws IOException {
    MemorySegment zeroes =
        MemorySegment.ofArray(new byte[(int) Math.min(ZERO_PIECE, run.length())]);
    for (long done = 0; done < run.length(); done += zeroes.byteSize()) {
      long part = Math.min(zeroes.byteSize(), run.length() - done);
      file.write(run.hostOffset() + done, zeroes.asSlice(0, part));
    }
  }

  /// Frees the host space of whole sectors; their blocks stay.
  void discard(long offset, long length) throws IOException {
    long at = Math.ceilDiv(offset, SECTOR) * SECTOR;
    long end = offset + length == map.size() ? map.size() : (offset + length) / SECTOR * SECTOR;
    while (at < end) {
      long block = at / map.blockSize();
      int entry = map.table().get(block);
      if (entry == VhdLayout.UNUSED) {
        at = (block + map.table().run(block, map.blocks(), 0)) * map.blockSize();
        continue;
      }
      long stop = Math.min(end, (block + 1) * map.blockSize());
      long host = SparseMap.hostOffset(entry) + map.bitmapSize() + at % map.blockSize();
      file.punchHole(host, stop - at);
      at = stop;
    }
  }

  /// Changes the virtual size; the table moves to the end of the file when it has no room.
  void resize(long newSize) throws IOException {
    if (map.differencing()) {
      throw new UnsupportedFeatureException(
          file.name() + ": a differencing VHD is as large as its parent and cannot be resized");
    }
    VhdSizes.check(file, newSize);
    long oldBlocks = map.blocks();
    long newBlocks = Math.ceilDiv(newSize, map.blockSize());
    VhdSizes.checkBlocks(file, newBlocks);
    if (newBlocks > map.table().count()) {
      flush();
      moveTable(newBlocks);
    }
    for (long block = Math.min(oldBlocks, newBlocks);
        block < Math.max(oldBlocks, newBlocks);
        block++) {
      map.table().set(block, VhdLayout.UNUSED);
      if (map.table().mustWrite()) {
        flush();
      }
    }
    flush();
    barrier.raise();
    setFooter(footer.withSize(newSize));
    map.setSize(newSize);
    if (newBlocks < oldBlocks) {
      barrier.raise();
      space.release(BlockSpace.end(file, map, header));
    }
  }

  private void moveTable(long entries) throws IOException {
    long at = space.takeSectors(4 * entries);
    EntryTable old = map.table();
    byte[] piece = new byte[64 << 10];
    Arrays.fill(piece, (byte) 0xFF);
    long length = VhdLayout.sectors(4 * entries);
    for (long done = 0; done < length; done += piece.length) {
      long part = Math.min(piece.length, length - done);
      file.write(at + done, MemorySegment.ofArray(piece).asSlice(0, part));
    }
    DynamicHeader moved = header.withTable(at, entries);
    EntryTable table = SparseMap.table(file, moved);
    for (long block = 0; block < map.blocks(); block++) {
      table.set(block, old.get(block));
      if (table.mustWrite()) {
        table.writeChanges();
      }
    }
    table.writeChanges();
    barrier.raise();
    setHeader(moved);
    map.setTable(table);
  }

  /// Records a parent, or none.
  void changeParent(Optional<ParentFacts> parent) throws IOException {
    flush();
    if (parent.isEmpty()) {
      setHeader(header.withoutParent());
      setFooter(footer.withType(VhdFooter.DYNAMIC));
      return;
    }
    ParentFacts facts = parent.get();
    ParentPath.Recorded path = ParentPath.recorded(facts.name());
    long length = VhdLayout.sectors(path.bytes().length);
    long at = space.takeSectors(length);
    file.write(at, MemorySegment.ofArray(path.bytes()));
    barrier.raise();
    setHeader(facts.in(header, path, at));
    setFooter(footer.withType(VhdFooter.DIFFERENCING));
  }

  private void setHeader(DynamicHeader changed) throws IOException {
    file.write(changed.offset(), changed.bytes());
    header = changed;
  }

  /// The copy at the beginning first: it is the one that counts.
  private void setFooter(VhdFooter changed) throws IOException {
    file.write(0, changed.bytes());
    space.setFooter(changed);
    footer = changed;
  }

  VhdFooter footer() {
    return footer;
  }

  DynamicHeader header() {
    return header;
  }

  /// Data and new blocks are on the medium before what refers to them.
  void flush() throws IOException {
    if (map.table().isChanged() || map.bitmaps().isChanged()) {
      barrier.raise();
      map.bitmaps().writeChanges();
      map.table().writeChanges();
    }
  }

  void sync() throws IOException {
    flush();
    barrier.sync();
  }

  /// Flushes, and ends the file after what is used.
  void finish() throws IOException {
    flush();
    space.trim();
  }
}
