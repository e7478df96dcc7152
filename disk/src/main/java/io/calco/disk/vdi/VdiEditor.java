package io.calco.disk.vdi;

import static io.calco.disk.vdi.VdiLayout.SECTOR;

import io.calco.disk.Barrier;
import io.calco.disk.EntryTable;
import io.calco.disk.HostFile;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.UUID;

/// Changes an image. See the package's chapter for the order of writes.
///
/// Confined to whoever may change the image.
final class VdiEditor {
  private static final int RUN_MAX = 64 << 20;
  private static final int ZERO_PIECE = 256 << 10;

  private final HostFile file;
  private final VdiMap map;
  private final Barrier barrier;
  private UsedBlocks used;

  /// Reads the table, and gives the image another state UUID: its children are for the old one.
  VdiEditor(HostFile file, VdiMap map) throws IOException {
    this.file = file;
    this.map = map;
    this.used = UsedBlocks.of(file, map);
    this.barrier = new Barrier(file::sync, used.count() > 0);
    setHeader(map.header().withState(UUID.randomUUID()));
  }

  /// Writes the header: one sector, which a crash leaves old or new.
  void setHeader(VdiHeader changed) throws IOException {
    file.write(0, changed.bytes());
    map.setHeader(changed);
  }

  UsedBlocks used() {
    return used;
  }

  /// The table was exchanged.
  void setTable(EntryTable table) throws IOException {
    map.setTable(table);
    used = UsedBlocks.of(file, map);
  }

  Barrier barrier() {
    return barrier;
  }

  /// The file ends at `end` at least.
  void reach(long end) throws IOException {
    if (end > map.fileEnd()) {
      file.truncate(end);
      map.setFileEnd(end);
    }
  }

  VdiAllocation allocate(long offset, long length) throws IOException {
    int blockSize = map.header().blockSize();
    long block = offset / blockSize;
    long start = offset - offset % SECTOR;
    long end = Math.ceilDiv(Math.addExact(offset, length), SECTOR) * SECTOR;
    int most =
        (int) Math.min(Math.max(1, RUN_MAX / blockSize), Math.ceilDiv(end, blockSize) - block);
    int wanted = 1;
    while (wanted < most && !VdiLayout.isBlock(map.table().get(block + wanted))) {
      wanted++;
    }
    int entry = used.firstFree();
    int blocks = used.freeFrom(entry, wanted);
    clear(entry, blocks);
    used.take(entry, blocks);
    return new VdiAllocation(
        start,
        Math.min(end, (block + blocks) * blockSize) - start,
        file,
        map.header().hostOffset(entry) + start % blockSize,
        block,
        entry,
        blocks);
  }

  /// Makes space for blocks read as zeroes, and lie inside the file.
  private void clear(int entry, int blocks) throws IOException {
    long from = map.header().hostOffset(entry);
    long to = from + (long) blocks * map.header().blockSize();
    long old = map.fileEnd();
    if (from < old) {
      file.punchHole(from, Math.min(to, old) - from);
    }
    reach(to);
  }

  void commit(VdiAllocation run) throws IOException {
    for (int i = 0; i < run.blocks(); i++) {
      map.table().set(run.block() + i, run.entry() + i);
    }
    if (map.table().mustWrite()) {
      flush();
    }
  }

  void abandon(VdiAllocation run) {
    used.giveBack(run.entry(), run.blocks());
  }

  /// Zeroes sectors: of blocks that read as zeroes already, or of one that does not.
  long zero(long offset, long length, ZeroMode mode) throws IOException {
    int blockSize = map.header().blockSize();
    long whole = offset + length == map.header().size() ? length : length - length % SECTOR;
    if (offset % SECTOR != 0 || whole == 0) {
      return 0;
    }
    long block = offset / blockSize;
    int entry = map.table().get(block);
    if (!VdiLayout.isBlock(entry)) {
      if (mode == ZeroMode.KEEP_ALLOCATED) {
        return allocateZeroes(offset, whole);
      }
      long most = Math.ceilDiv(offset % blockSize + whole, blockSize);
      return Math.min(whole, (block + map.table().run(block, most, 0)) * blockSize - offset);
    }
    long part = Math.min(whole, blockSize - offset % blockSize);
    long host = map.header().hostOffset(entry) + offset % blockSize;
    if (mode == ZeroMode.KEEP_ALLOCATED) {
      writeZeroes(host, part);
    } else {
      file.punchHole(host, part);
    }
    return part;
  }

  private long allocateZeroes(long offset, long length) throws IOException {
    VdiAllocation run = allocate(offset, length);
    try {
      writeZeroes(run.hostOffset(), run.length());
      commit(run);
    } catch (IOException | RuntimeException e) {
      abandon(run);
      throw e;
    }
    return Math.min(length, run.length());
  }

  private void writeZeroes(long host, long length) throws IOException {
    MemorySegment zeroes = MemorySegment.ofArray(new byte[(int) Math.min(ZERO_PIECE, length)]);
    for (long done = 0; done < length; done += zeroes.byteSize()) {
      file.write(host + done, zeroes.asSlice(0, Math.min(zeroes.byteSize(), length - done)));
    }
  }

  /// Frees the host space of whole sectors; their blocks stay.
  void discard(long offset, long length) throws IOException {
    int blockSize = map.header().blockSize();
    long at = Math.ceilDiv(offset, SECTOR) * SECTOR;
    long end =
        offset + length == map.header().size()
            ? map.header().size()
            : (offset + length) / SECTOR * SECTOR;
    while (at < end) {
      long block = at / blockSize;
      int entry = map.table().get(block);
      if (!VdiLayout.isBlock(entry)) {
        at = (block + map.table().run(block, map.table().count(), 0)) * blockSize;
        continue;
      }
      long stop = Math.min(end, (block + 1) * blockSize);
      file.punchHole(map.header().hostOffset(entry) + at % blockSize, stop - at);
      at = stop;
    }
  }

  /// Data is on the medium before the count, the count before what refers to the blocks; a count
  /// that becomes smaller comes last.
  void flush() throws IOException {
    boolean changed = map.table().isChanged();
    if (changed) {
      barrier.raise();
    }
    int end = used.end();
    if (end > map.header().allocated()) {
      setHeader(map.header().withAllocated(end));
      barrier.raise();
    }
    if (changed) {
      map.table().writeChanges();
    }
    if (end < map.header().allocated()) {
      barrier.raise();
      setHeader(map.header().withAllocated(end));
    }
  }

  void sync() throws IOException {
    flush();
    barrier.sync();
  }

  /// Gives a block another place; the old one is free.
  ///
  /// @param place free
  void move(long block, int place) throws IOException {
    int old = map.table().get(block);
    VdiHeader header = map.header();
    reach(header.hostOffset(place) + header.blockSize());
    file.copyFrom(file, header.hostOffset(old), header.hostOffset(place), header.present(block));
    map.table().set(block, place);
    used.take(place, 1);
    used.giveBack(old, 1);
    if (map.table().mustWrite()) {
      flush();
    }
  }

  /// Moves the last blocks into places that none uses, and ends the file after what is left.
  void closeGaps() throws IOException {
    flush();
    EntryTable table = map.table();
    int count = used.count();
    for (long block = 0; block < table.count() && used.end() > count; ) {
      int entry = table.get(block);
      if (!VdiLayout.isBlock(entry)) {
        block += table.run(block, table.count(), 0);
        continue;
      }
      if (entry >= count) {
        move(block, used.firstFree());
      }
      block++;
    }
    flush();
    long end = map.header().hostOffset(count);
    if (end < map.fileEnd()) {
      barrier.raise();
      file.truncate(end);
      map.setFileEnd(end);
    }
  }
}
