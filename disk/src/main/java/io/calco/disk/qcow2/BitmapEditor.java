package io.calco.disk.qcow2;

import io.calco.disk.DirtyBitmaps;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/// Changes bitmaps and their directory, never in place: what is new is written beside and counted,
/// then | the header's extension is changed to name the new directory, then | what was replaced is
/// freed. The extension lies in one sector; where a foreign image has it across two, the bitmaps
/// are invalid while it is written.
///
/// Thread rule: confined to whoever may change the image.
final class BitmapEditor {
  private final EditedImage image;
  private final Qcow2Header header;
  private final Geometry geometry;

  BitmapEditor(EditedImage image) {
    this.image = image;
    this.header = image.header();
    this.geometry = image.geometry();
  }

  /// The content of a bitmap of the disk as it is.
  BitmapContent content(Bitmaps.Bitmap bitmap) throws IOException {
    return BitmapContent.read(image.file(), geometry, bitmap, image.map().size());
  }

  /// The bitmap with a new table, written; the old table is freed after the next change of the
  /// directory.
  Bitmaps.Bitmap withTable(Bitmaps.Bitmap bitmap, long[] table) throws IOException {
    long offset = image.allocateTable(8L * table.length);
    if (table.length > 0) {
      PointerTable.writeEntries(image.file(), offset, table, 0, table.length);
    }
    return bitmap.withTable(offset, table.length);
  }

  /// The bitmap with more marked, its table and changed clusters written.
  ///
  /// @param replaced takes the host offsets of clusters that are no longer referred to
  Bitmaps.Bitmap marked(Bitmaps.Bitmap bitmap, Iterable<DirtyBitmaps.Run> runs, List<Long> replaced)
      throws IOException {
    BitmapContent content = content(bitmap);
    long size = image.map().size();
    long[] table = content.table();
    BitSet bits = new BitSet();
    int current = -1;
    for (DirtyBitmaps.Run run : runs) {
      long end = Math.min(size, Math.addExact(run.offset(), run.length()));
      for (long at = run.offset(); at < end; ) {
        int index = content.index(at);
        if (index != current) {
          store(table, current, bits, replaced);
          bits = content.bits(index);
          current = index;
        }
        long to = Math.min(end, content.clusterEnd(index));
        content.mark(bits, index, at, to);
        at = to;
      }
    }
    store(table, current, bits, replaced);
    return withTable(bitmap, table);
  }

  /// Writes one cluster of bits to a new place.
  void store(long[] table, int index, BitSet bits, List<Long> replaced) throws IOException {
    if (index < 0) {
      return;
    }
    release(table[index], replaced);
    if (bits.isEmpty()) {
      table[index] = 0;
      return;
    }
    long host = image.allocateTable(geometry.clusterSize());
    MemorySegment cluster = MemorySegment.ofArray(new byte[geometry.clusterSize()]);
    byte[] bytes = bits.toByteArray();
    MemorySegment.copy(bytes, 0, cluster, Qcow2Layout.U8, 0, bytes.length);
    image.file().write(host, cluster);
    table[index] = host;
  }

  static void release(long entry, List<Long> replaced) {
    if (L2Entry.hostOffset(entry) != 0) {
      replaced.add(L2Entry.hostOffset(entry));
    }
  }

  /// Writes another directory and makes the header name it.
  ///
  /// @param replaced clusters that only the old directory refers to, beside tables
  void replaceDirectory(Bitmaps old, List<Bitmaps.Bitmap> all, List<Long> replaced)
      throws IOException {
    if (all.size() > Bitmaps.BITMAPS_MAX) {
      throw new LimitExceededException(
          "%s: more than %d dirty bitmaps".formatted(image.file().name(), Bitmaps.BITMAPS_MAX));
    }
    MemorySegment directory = Bitmaps.encode(all);
    if (directory.byteSize() > Bitmaps.DIRECTORY_MAX) {
      throw new LimitExceededException(
          image.file().name() + ": the bitmap directory would exceed 64 MiB");
    }
    Optional<MemorySegment> extension = Optional.empty();
    if (!all.isEmpty()) {
      long offset = image.allocateTable(directory.byteSize());
      image.file().write(offset, directory);
      extension = Optional.of(Bitmaps.extension(all.size(), offset, directory.byteSize()));
    }
    image.settle();
    nameDirectory(extension);
    image.freeTable(old.directoryOffset(), old.directoryLength());
    for (Bitmaps.Bitmap before : old.bitmaps()) {
      boolean kept = all.stream().anyMatch(now -> now.tableOffset() == before.tableOffset());
      if (!kept) {
        image.freeTable(before.tableOffset(), 8 * before.tableEntries());
      }
    }
    for (long host : replaced) {
      image.freed().add(geometry.clusterOf(host), 1);
    }
    image.order().flush();
  }

  private void nameDirectory(Optional<MemorySegment> extension) throws IOException {
    long bit = Qcow2Layout.AUTOCLEAR_BITMAPS;
    boolean whole =
        extension.isPresent()
            && header.writesInOneSector(Qcow2Layout.EXTENSION_BITMAPS, extension.get());
    if (!whole && (header.autoclear() & bit) != 0) {
      header.setAutoclear(header.autoclear() & ~bit);
      image.barrier().sync();
    }
    if (!header.setExtension(Qcow2Layout.EXTENSION_BITMAPS, extension)) {
      throw new LimitExceededException(
          "%s: the header's cluster of %d bytes has no room for dirty bitmaps"
              .formatted(image.file().name(), geometry.clusterSize()));
    }
    image.barrier().sync();
    if (extension.isPresent() && (header.autoclear() & bit) == 0) {
      header.setAutoclear(header.autoclear() | bit);
      image.barrier().sync();
    }
  }
}
