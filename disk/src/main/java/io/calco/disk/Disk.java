package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;

/// A fixed number of bytes that a guest sees, read and written by position. The one front to all
/// disks: it checks state, range and ability, so that drivers need not.
///
/// A disk that [#slice] or a decorator was made from stays its maker's to close.
///
/// Thread rule: safe for several threads at once, except [#resize] and [#close].
public final class Disk implements AutoCloseable {
  private final DiskDriver driver;
  private final DiskCapabilities capabilities;
  private volatile boolean closed;

  private Disk(DiskDriver driver) {
    this.driver = driver;
    this.capabilities = driver.capabilities();
  }

  /// A disk on `driver`, which is closed with it.
  public static Disk owning(DiskDriver driver) {
    return new Disk(driver);
  }

  /// A disk of `size` bytes that holds nothing: what a new image is measured by before there is any
  /// data.
  public static Disk blank(long size) {
    return owning(new BlankDriver(size, true));
  }

  /// The virtual size in bytes.
  public long size() {
    return driver.size();
  }

  /// What this disk can do.
  public DiskCapabilities capabilities() {
    return capabilities;
  }

  /// Reads exactly `dst.byteSize()` bytes.
  ///
  /// @param offset first byte; `0 <= offset`, `offset + dst.byteSize() <= size()`
  /// @throws IndexOutOfBoundsException when the range is not in the disk
  public void read(long offset, MemorySegment dst) throws IOException {
    checkRange(offset, dst.byteSize());
    if (dst.byteSize() > 0) {
      driver.read(offset, dst);
    }
  }

  /// Reads `length` bytes into a new array.
  ///
  /// @param offset first byte; the range lies in the disk
  /// @param length in bytes, 0 or more
  public byte[] readBytes(long offset, int length) throws IOException {
    checkRange(offset, length);
    byte[] bytes = new byte[length];
    read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /// Writes exactly `src.byteSize()` bytes; after a failure the range holds old bytes, new bytes or
  /// a mix.
  ///
  /// @param offset first byte; `0 <= offset`, `offset + src.byteSize() <= size()`
  /// @throws UnsupportedFeatureException when the disk is open for reading only
  /// @throws IndexOutOfBoundsException when the range is not in the disk
  public void write(long offset, MemorySegment src) throws IOException {
    checkWritable();
    checkRange(offset, src.byteSize());
    if (src.byteSize() > 0) {
      driver.write(offset, src);
    }
  }

  /// Writes all of `bytes`.
  public void writeBytes(long offset, byte[] bytes) throws IOException {
    write(offset, MemorySegment.ofArray(bytes));
  }

  /// Makes the run read as zeroes; after a failure it holds old bytes, zeroes or a mix.
  ///
  /// @param offset first byte; the run lies in the disk
  /// @param length in bytes, 0 or more
  /// @param mode whether host space may be given back
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    checkWritable();
    checkRange(offset, length);
    if (length > 0) {
      driver.writeZeroes(offset, length, mode);
    }
  }

  /// Tells that the run's content is no longer needed; it is undefined afterwards. A hint: does
  /// nothing where the disk cannot.
  ///
  /// @param offset first byte; the run lies in the disk
  /// @param length in bytes, 0 or more
  public void discard(long offset, long length) throws IOException {
    checkWritable();
    checkRange(offset, length);
    if (length > 0 && capabilities.discard()) {
      driver.discard(offset, length);
    }
  }

  /// The longest run with one status that begins at `offset`, cut at `offset + maxLength`:
  /// neighbours that say the same are merged.
  ///
  /// @param maxLength at least 1; `offset + maxLength <= size()`
  public Extent extentAt(long offset, long maxLength) throws IOException {
    checkRange(offset, maxLength);
    if (maxLength < 1) {
      throw new IllegalArgumentException("maxLength " + maxLength);
    }
    if (!capabilities.extents()) {
      return new Extent(offset, maxLength, true, false);
    }
    Extent first = checked(driver.extentAt(offset, maxLength), offset, maxLength);
    long end = first.end();
    while (end < offset + maxLength) {
      long rest = offset + maxLength - end;
      Extent next = checked(driver.extentAt(end, rest), end, rest);
      if (!next.sameStatus(first)) {
        break;
      }
      end = next.end();
    }
    return new Extent(offset, end - offset, first.allocated(), first.readsZero());
  }

  private static Extent checked(Extent answer, long offset, long maxLength) {
    if (answer.offset() != offset || answer.length() > maxLength) {
      throw new IllegalStateException(
          "driver answered %s for %d bytes at %d".formatted(answer, maxLength, offset));
    }
    return answer;
  }

  /// Changes the virtual size; new bytes read as zeroes, bytes beyond a smaller size are lost.
  ///
  /// @param newSize in bytes, 0 or more
  /// @throws UnsupportedFeatureException when the disk cannot be resized, or not so
  public void resize(long newSize) throws IOException {
    checkOpen();
    if (!capabilities.resizable()) {
      throw new UnsupportedFeatureException("this disk cannot be resized");
    }
    if (newSize < 0) {
      throw new IllegalArgumentException("size " + newSize);
    }
    driver.resize(newSize);
  }

  /// Hands everything buffered to the layer below: a crash of this process loses nothing written
  /// before.
  public void flush() throws IOException {
    checkOpen();
    driver.flush();
  }

  /// Returns when everything written so far is on the medium.
  public void sync() throws IOException {
    checkOpen();
    driver.sync();
  }

  /// The run `[offset, offset + length)` as a disk of its own, of the same abilities but resizing.
  /// It lives no longer than this disk; closing it leaves this one open.
  public Disk slice(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, size());
    return owning(new SliceDriver(this, offset, length));
  }

  /// The disks' bytes one after the other, for reading. They stay open when it is closed, and live
  /// at least as long.
  public static Disk joined(List<Disk> disks) {
    return owning(new JoinedDriver(disks));
  }

  /// A disk with others in their places on it, for reading. Closing it closes them all.
  ///
  /// @param frame shows where no part lies
  /// @param parts by their first byte; they share no byte, and end in the frame
  public static Disk spliced(Disk frame, SortedMap<Long, Disk> parts) {
    return owning(new SplicedDriver(frame, parts));
  }

  /// A disk that reads a damaged one as well as can be: what cannot be read is zeroes. It stays
  /// open when this one is closed.
  ///
  /// @param lost hears of each run that could not be read; called by several threads
  public static Disk salvaging(Disk disk, SalvageSink lost) {
    return owning(new SalvageDriver(disk, lost));
  }

  /// A disk that reads another one no faster than a rate. It stays open when this one is closed.
  public static Disk throttled(Disk disk, RateLimit rate) {
    return owning(new ThrottledDriver(disk, rate));
  }

  /// Hears what could not be read.
  public interface SalvageSink {
    /// Hears of one run.
    ///
    /// @param offset the run's first byte
    /// @param length its bytes, zeroes from now on
    /// @param cause why they cannot be read
    void lost(long offset, long length, IOException cause);
  }

  /// This disk without any ability to change it; closing it leaves this one open.
  public Disk readOnly() {
    return owning(new SliceDriver(this, 0, size(), capabilities.readOnly()));
  }

  /// Flushes and closes; a second call does nothing.
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      driver.close();
    }
  }

  private void checkRange(long offset, long length) {
    checkOpen();
    Objects.checkFromIndexSize(offset, length, driver.size());
  }

  private void checkWritable() throws IOException {
    checkOpen();
    if (!capabilities.writable()) {
      throw new UnsupportedFeatureException("this disk is open for reading only");
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("disk is closed");
    }
  }
}
