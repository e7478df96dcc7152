package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A disk as it would be with some of its pages written over, which are kept in memory, and with
/// runs of pages moved, of which only is known where they lie: for metadata that is written and
/// content that moves. The disk below stays as it is, and open when this is closed.
///
/// Thread rule: changed by one thread, before others read.
public final class Rearranged implements DiskDriver {
  private final Disk below;
  private final int pageBits;

  /// What was written, by the page's number; the last may be shorter.
  private final NavigableMap<Long, byte[]> written = new TreeMap<>();

  /// Where pages are that were moved, by the first one's number here; they overlap neither each
  /// other nor what was written.
  private final NavigableMap<Long, Run> moved = new TreeMap<>();

  private record Run(long from, long length) {}

  /// Pages that lie together below; `page` is null when they were not written.
  private static final class Found {
    private final byte @Nullable [] page;
    private final long from;
    private final long length;

    Found(byte @Nullable [] page, long from, long length) {
      this.page = page;
      this.from = from;
      this.length = length;
    }
  }

  /// A disk that shows all of `below`.
  ///
  /// @param pageBits log2 of a page's bytes: what is kept for each byte that is written
  public Rearranged(Disk below, int pageBits) {
    this.below = below;
    this.pageBits = pageBits;
  }

  /// Makes pages hold what others hold now; those keep it.
  ///
  /// @param from the first page's number
  /// @param to the number of the first that gets their content; the runs share no page
  /// @param length in pages
  public void move(long from, long to, long length) {
    written.subMap(to, to + length).clear();
    cutMoved(to, to + length);
    for (long at = from; at < from + length; ) {
      Found found = find(at, from + length - at);
      if (found.page == null) {
        addMoved(to + at - from, new Run(found.from, found.length));
      } else {
        written.put(to + at - from, found.page.clone());
      }
      at += found.length;
    }
  }

  /// What a page holds, and how many after it go on so, at most `most`.
  private Found find(long page, long most) {
    byte[] bytes = written.get(page);
    if (bytes != null) {
      return new Found(bytes, page, 1);
    }
    Long next = written.higherKey(page);
    long length = next == null ? most : Math.min(most, next - page);
    Map.Entry<Long, Run> run = moved.floorEntry(page);
    if (run != null && page < run.getKey() + run.getValue().length()) {
      long skip = page - run.getKey();
      return new Found(
          null, run.getValue().from() + skip, Math.min(length, run.getValue().length() - skip));
    }
    Long nextRun = moved.higherKey(page);
    return new Found(null, page, nextRun == null ? length : Math.min(length, nextRun - page));
  }

  private void addMoved(long at, Run run) {
    Map.Entry<Long, Run> before = moved.lowerEntry(at);
    if (before != null
        && before.getKey() + before.getValue().length() == at
        && before.getValue().from() + before.getValue().length() == run.from()) {
      Run joined = new Run(before.getValue().from(), before.getValue().length() + run.length());
      moved.put(before.getKey(), joined);
    } else {
      moved.put(at, run);
    }
  }

  /// Forgets that pages were moved to `[first, end)`.
  private void cutMoved(long first, long end) {
    Map.Entry<Long, Run> entry = moved.lowerEntry(end);
    while (entry != null && entry.getKey() + entry.getValue().length() > first) {
      long start = entry.getKey();
      Run run = entry.getValue();
      moved.remove(start);
      if (start < first) {
        moved.put(start, new Run(run.from(), first - start));
      }
      if (start + run.length() > end) {
        moved.put(end, new Run(run.from() + (end - start), start + run.length() - end));
      }
      entry = moved.lowerEntry(start);
    }
  }

  @Override
  public long size() {
    return below.size();
  }

  @Override
  public DiskCapabilities capabilities() {
    return new DiskCapabilities(true, true, false, false, false);
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    for (long done = 0; done < dst.byteSize(); ) {
      long at = offset + done;
      long in = at & ((1L << pageBits) - 1);
      Found found = find(at >> pageBits, pagesTo(in + dst.byteSize() - done));
      long length = Math.min(dst.byteSize() - done, (found.length << pageBits) - in);
      MemorySegment part = dst.asSlice(done, length);
      if (found.page == null) {
        below.read((found.from << pageBits) + in, part);
      } else {
        part.copyFrom(MemorySegment.ofArray(found.page).asSlice(in, length));
      }
      done += length;
    }
  }

  private long pagesTo(long bytes) {
    return (bytes + (1L << pageBits) - 1) >> pageBits;
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    for (long done = 0; done < src.byteSize(); ) {
      long at = offset + done;
      long in = at & ((1L << pageBits) - 1);
      byte[] page = toWrite(at >> pageBits);
      long length = Math.min(src.byteSize() - done, page.length - in);
      MemorySegment.ofArray(page).asSlice(in, length).copyFrom(src.asSlice(done, length));
      done += length;
    }
  }

  private byte[] toWrite(long number) throws IOException {
    byte[] page = written.get(number);
    if (page == null) {
      long start = number << pageBits;
      page = new byte[(int) Math.min(1L << pageBits, size() - start)];
      read(start, MemorySegment.ofArray(page));
      cutMoved(number, number + 1);
      written.put(number, page);
    }
    return page;
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    write(offset, MemorySegment.ofArray(new byte[Math.toIntExact(length)]));
  }

  @Override
  public void discard(long offset, long length) {}

  @Override
  public Extent extentAt(long offset, long maxLength) throws IOException {
    long in = offset & ((1L << pageBits) - 1);
    Found found = find(offset >> pageBits, pagesTo(in + maxLength));
    long length = Math.min(maxLength, (found.length << pageBits) - in);
    if (found.page != null) {
      return new Extent(offset, length, true, false);
    }
    Extent extent = below.extentAt((found.from << pageBits) + in, length);
    return new Extent(offset, extent.length(), extent.allocated(), extent.readsZero());
  }

  @Override
  public void resize(long newSize) {
    throw new IllegalStateException("not resizable");
  }

  @Override
  public void flush() {}

  @Override
  public void sync() {}

  @Override
  public void close() {}
}
