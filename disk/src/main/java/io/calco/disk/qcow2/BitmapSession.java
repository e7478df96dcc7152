package io.calco.disk.qcow2;

import io.calco.disk.CorruptImageException;
import io.calco.disk.DirtyBitmaps;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Keeps the recording bitmaps true while an image is written: they are marked as in use in the
/// file before the first change, what is written is noted in memory, and they are completed and
/// unmarked at the end.
///
/// Thread rule: [#written] beside other threads; all else by whoever may change the image.
final class BitmapSession {
  private final EditedImage image;
  private final BitmapEditor editor;
  private final Set<String> followed = new HashSet<>();
  private @Nullable WrittenRanges written;

  BitmapSession(EditedImage image) {
    this.image = image;
    this.editor = new BitmapEditor(image);
  }

  /// What was written since [#begin], or null when no bitmap records it.
  @Nullable WrittenRanges written() {
    return written;
  }

  /// True for a bitmap that is marked as in use because of us.
  boolean follows(Bitmaps.Bitmap bitmap) {
    return followed.contains(bitmap.name());
  }

  Bitmaps read() throws IOException {
    return Bitmaps.read(image.file(), image.header());
  }

  /// Marks the recording bitmaps as in use, unless that was done. A directory that makes no sense
  /// is given up.
  void begin() throws IOException {
    if (written != null) {
      return;
    }
    Bitmaps all;
    try {
      all = read();
    } catch (CorruptImageException e) {
      Qcow2Header header = image.header();
      header.setAutoclear(header.autoclear() & ~Qcow2Layout.AUTOCLEAR_BITMAPS);
      image.barrier().sync();
      return;
    }
    int finest = Integer.MAX_VALUE;
    List<Bitmaps.Bitmap> marked = new ArrayList<>();
    for (Bitmaps.Bitmap bitmap : all.bitmaps()) {
      if (bitmap.auto() && !bitmap.inUse()) {
        if (canFollow(bitmap)) {
          followed.add(bitmap.name());
          finest = Math.min(finest, bitmap.granularityBits());
        }
        marked.add(bitmap.withFlag(Bitmaps.Bitmap.FLAG_IN_USE, true));
      } else {
        marked.add(bitmap);
      }
    }
    if (!sameFlags(marked, all.bitmaps())) {
      editor.replaceDirectory(all, marked, List.of());
    }
    if (!followed.isEmpty()) {
      written = new WrittenRanges(image.map().size(), finest);
    }
  }

  private static boolean sameFlags(List<Bitmaps.Bitmap> one, List<Bitmaps.Bitmap> other) {
    for (int i = 0; i < one.size(); i++) {
      if (one.get(i).flags() != other.get(i).flags()) {
        return false;
      }
    }
    return true;
  }

  private boolean canFollow(Bitmaps.Bitmap bitmap) throws IOException {
    if (!bitmap.known()) {
      return false;
    }
    try {
      editor.content(bitmap);
      return true;
    } catch (CorruptImageException | LimitExceededException e) {
      return false;
    }
  }

  /// Completes the bitmaps and takes their marks off; nothing is noted any more until [#begin].
  void finish() throws IOException {
    WrittenRanges ranges = written;
    if (ranges == null) {
      return;
    }
    Bitmaps all = read();
    List<Bitmaps.Bitmap> complete = new ArrayList<>();
    List<Long> replaced = new ArrayList<>();
    for (Bitmaps.Bitmap bitmap : all.bitmaps()) {
      if (follows(bitmap)) {
        Bitmaps.Bitmap changed =
            ranges.isEmpty() ? bitmap : editor.marked(bitmap, runs(ranges), replaced);
        complete.add(changed.withFlag(Bitmaps.Bitmap.FLAG_IN_USE, false));
      } else {
        complete.add(bitmap);
      }
    }
    editor.replaceDirectory(all, complete, replaced);
    written = null;
    followed.clear();
  }

  private static Iterable<DirtyBitmaps.Run> runs(WrittenRanges ranges) {
    return () ->
        new Iterator<>() {
          private long at = ranges.next(0);

          @Override
          public boolean hasNext() {
            return at < ranges.size();
          }

          @Override
          public DirtyBitmaps.Run next() {
            if (!hasNext()) {
              throw new NoSuchElementException();
            }
            long end = ranges.end(at);
            DirtyBitmaps.Run run = new DirtyBitmaps.Run(at, end - at);
            at = ranges.next(end);
            return run;
          }
        };
  }

  /// Before the disk's size changes: every consistent bitmap is marked as in use, so that none is
  /// taken for a bitmap of the other size.
  ///
  /// @return their names, for [#endResize]
  Set<String> beginResize() throws IOException {
    finish();
    Bitmaps all = read();
    Set<String> names = new HashSet<>();
    List<Bitmaps.Bitmap> marked = new ArrayList<>();
    for (Bitmaps.Bitmap bitmap : all.bitmaps()) {
      if (!bitmap.inUse() && canFollow(bitmap)) {
        names.add(bitmap.name());
        marked.add(bitmap.withFlag(Bitmaps.Bitmap.FLAG_IN_USE, true));
      } else {
        marked.add(bitmap);
      }
    }
    if (!names.isEmpty()) {
      editor.replaceDirectory(all, marked, List.of());
    }
    return names;
  }

  /// After the disk's size changed: gives the bitmaps the new length, and goes on.
  void endResize(Set<String> names, long oldSize) throws IOException {
    if (!names.isEmpty()) {
      Bitmaps all = read();
      List<Bitmaps.Bitmap> resized = new ArrayList<>();
      List<Long> replaced = new ArrayList<>();
      for (Bitmaps.Bitmap bitmap : all.bitmaps()) {
        resized.add(
            names.contains(bitmap.name())
                ? resized(bitmap, oldSize, replaced).withFlag(Bitmaps.Bitmap.FLAG_IN_USE, false)
                : bitmap);
      }
      editor.replaceDirectory(all, resized, replaced);
    }
    begin();
  }

  private Bitmaps.Bitmap resized(Bitmaps.Bitmap bitmap, long oldSize, List<Long> replaced)
      throws IOException {
    Geometry geometry = image.geometry();
    BitmapContent content = BitmapContent.read(image.file(), geometry, bitmap, oldSize);
    long newSize = image.map().size();
    int entries =
        BitmapContent.entriesFor(image.file(), geometry, bitmap.granularityBits(), newSize);
    long[] before = content.table();
    long[] table = java.util.Arrays.copyOf(before, entries);
    for (int i = entries; i < before.length; i++) {
      BitmapEditor.release(before[i], replaced);
    }
    int last = Math.min(entries, before.length) - 1;
    if (last >= 0 && table[last] != 0) {
      BitSet bits = content.bits(last);
      if (newSize < oldSize) {
        long end = Math.ceilDiv(newSize, 1L << bitmap.granularityBits());
        long inLast = end - (long) last * geometry.clusterSize() * 8;
        bits.clear(Math.toIntExact(inLast), Math.max(bits.length(), (int) inLast));
      }
      editor.store(table, last, bits, replaced);
    }
    return editor.withTable(bitmap, table);
  }
}
