package io.calco.backup.layout;

import io.calco.disk.Disk;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.DiskDriver;
import io.calco.disk.Extent;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// A disk with some bytes written over, in memory; for little more than a partition table. Closes
/// the disk with it.
///
/// Thread rule: written by one thread, before others read.
final class WrittenOverDriver implements DiskDriver {
  private static final int PAGE = 4096;

  private final Disk below;

  /// What was written, by the first byte; the last may be shorter.
  private final NavigableMap<Long, byte[]> pages = new TreeMap<>();

  WrittenOverDriver(Disk below) {
    this.below = below;
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
      byte[] page = pages.get(at - at % PAGE);
      long length = Math.min(dst.byteSize() - done, page == null ? gap(at) : PAGE - at % PAGE);
      MemorySegment part = dst.asSlice(done, length);
      if (page == null) {
        below.read(at, part);
      } else {
        part.copyFrom(MemorySegment.ofArray(page).asSlice(at % PAGE, length));
      }
      done += length;
    }
  }

  /// Bytes up to the next page that was written.
  private long gap(long at) {
    Long next = pages.higherKey(at);
    return (next == null ? size() : next) - at;
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    for (long done = 0; done < src.byteSize(); ) {
      long at = offset + done;
      long start = at - at % PAGE;
      byte[] page = pages.get(start);
      if (page == null) {
        page = below.readBytes(start, (int) Math.min(PAGE, size() - start));
        pages.put(start, page);
      }
      long length = Math.min(src.byteSize() - done, page.length - at % PAGE);
      MemorySegment.ofArray(page).asSlice(at % PAGE, length).copyFrom(src.asSlice(done, length));
      done += length;
    }
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    write(offset, MemorySegment.ofArray(new byte[Math.toIntExact(length)]));
  }

  @Override
  public void discard(long offset, long length) {}

  @Override
  public Extent extentAt(long offset, long maxLength) throws IOException {
    Map.Entry<Long, byte[]> page = pages.floorEntry(offset);
    if (page != null && offset < page.getKey() + page.getValue().length) {
      long end = page.getKey() + page.getValue().length;
      return new Extent(offset, Math.min(maxLength, end - offset), true, false);
    }
    return below.extentAt(offset, Math.min(maxLength, gap(offset)));
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
  public void close() throws IOException {
    below.close();
  }
}
