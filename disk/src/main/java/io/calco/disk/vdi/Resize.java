package io.calco.disk.vdi;

import static io.calco.disk.vdi.VdiLayout.SECTOR;

import io.calco.disk.EntryTable;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Gives a disk another size. What changes it is one write of the header, made when all that the
/// new one says is in the file already.
///
/// Confined.
final class Resize {
  private static final int PIECE = 64 << 10;

  private final HostFile file;
  private final VdiMap map;
  private final VdiEditor editor;

  Resize(HostFile file, VdiMap map, VdiEditor editor) {
    this.file = file;
    this.map = map;
    this.editor = editor;
  }

  void to(long size) throws IOException {
    if (size % SECTOR != 0) {
      throw new UnsupportedFeatureException(
          "%s: %d bytes are no whole number of sectors of 512 bytes".formatted(file.name(), size));
    }
    long blocks = Math.ceilDiv(size, map.header().blockSize());
    UsedBlocks.checkCount(file, blocks);
    editor.flush();
    if (blocks >= map.header().blocks()) {
      grow(size, blocks);
    } else {
      editor.barrier().raise();
      exchange(map.header().withSize(size));
      editor.barrier().raise();
      editor.closeGaps();
    }
  }

  private void exchange(VdiHeader changed) throws IOException {
    editor.setHeader(changed);
    editor.setTable(VdiMap.table(file, changed));
  }

  private void grow(long size, long blocks) throws IOException {
    long oldSize = map.header().size();
    long oldBlocks = map.header().blocks();
    VdiHeader changed = map.header().withSize(size);
    editor.reach(map.header().hostOffset(editor.used().end()));
    if (changed.tableOffset() + 4 * blocks > changed.dataOffset()) {
      int places = makeRoom(4 * blocks);
      changed = moveTable(places, size);
    } else {
      writeUnused(changed.tableOffset() + 4 * oldBlocks, blocks - oldBlocks);
    }
    editor.barrier().raise();
    exchange(changed);
    if (changed.type() == VdiLayout.STATIC) {
      allocate(Math.ceilDiv(oldSize, changed.blockSize()) * changed.blockSize());
    }
  }

  /// Moves blocks out of the first places, so that a table has room there.
  ///
  /// @return how many places that took
  private int makeRoom(long length) throws IOException {
    VdiHeader header = map.header();
    int places = Math.toIntExact(Math.ceilDiv(length, header.blockSize()));
    if (header.hostOffset(places) > 0xFFFF_FFFFL) {
      throw new LimitExceededException(
          file.name() + ": the table would pass 4 GiB, where the format ends");
    }
    EntryTable table = map.table();
    for (long block = 0; block < table.count(); block++) {
      int entry = table.get(block);
      if (!VdiLayout.isBlock(entry)) {
        block += table.run(block, table.count(), 0) - 1;
      } else if (entry < places) {
        editor.move(block, Math.max(places, editor.used().end()));
      }
    }
    editor.flush();
    editor.barrier().raise();
    return places;
  }

  /// Writes a table into the first places.
  ///
  /// @return the header that goes with it
  private VdiHeader moveTable(int places, long size) throws IOException {
    VdiHeader old = map.header();
    long at = old.dataOffset();
    int end = Math.max(editor.used().end(), places);
    VdiHeader changed =
        old.withSize(size).withPlaces(at, old.hostOffset(places)).withAllocated(end - places);
    editor.reach(changed.dataOffset());
    writeUnused(at, changed.blocks());
    EntryTable table = VdiMap.table(file, changed);
    for (long block = 0; block < map.table().count(); block++) {
      int entry = map.table().get(block);
      table.set(block, VdiLayout.isBlock(entry) ? entry - places : entry);
      if (table.mustWrite()) {
        table.writeChanges();
      }
    }
    table.writeChanges();
    return changed;
  }

  private void writeUnused(long at, long entries) throws IOException {
    byte[] unused = new byte[PIECE];
    Arrays.fill(unused, (byte) 0xFF);
    for (long done = 0; done < 4 * entries; done += PIECE) {
      long part = Math.min(PIECE, 4 * entries - done);
      file.write(at + done, MemorySegment.ofArray(unused).asSlice(0, part));
    }
  }

  /// Gives the blocks from `offset` on their places.
  private void allocate(long offset) throws IOException {
    for (long at = offset; at < map.header().size(); ) {
      VdiAllocation run = editor.allocate(at, map.header().size() - at);
      editor.commit(run);
      at += run.length();
    }
    editor.flush();
  }
}
