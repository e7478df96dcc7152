package io.calco.backup.clonezilla;

import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.Extent;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.ReadOnlyDriver;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Every byte of a partition, unpacked as it is read. The partition's size counts: where the file
/// ends is dear to know in a compressed one, so one that is too short or too long is found out by
/// the read that comes there. Thread rule: as [io.calco.disk.DiskDriver].
final class RawStreamDriver extends ReadOnlyDriver {
  private final HostFile file;
  private final long size;

  /// Takes the file over.
  ///
  /// @param size of the partition in bytes
  RawStreamDriver(HostFile file, long size) {
    this.file = file;
    this.size = size;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public DiskCapabilities capabilities() {
    return new DiskCapabilities(false, false, false, false, false);
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    try {
      file.read(offset, dst);
    } catch (EOFException e) {
      CorruptImageException corrupt =
          new CorruptImageException(
              "%s: ends before byte 0x%x, expected the %d bytes of its partition"
                  .formatted(file.name(), offset + dst.byteSize(), size));
      corrupt.initCause(e);
      throw corrupt;
    } catch (LimitExceededException e) {
      throw tooLong(file.name(), size, e);
    }
  }

  /// Refuses a file that goes on behind the partition's end.
  void requireEnd() throws IOException {
    try {
      if (file.reaches(size + 1)) {
        throw tooLong(file.name(), size, null);
      }
    } catch (LimitExceededException e) {
      throw tooLong(file.name(), size, e);
    }
  }

  /// What to say of a file that holds more than its partition.
  static CorruptImageException tooLong(String file, long size, @Nullable Exception cause) {
    CorruptImageException corrupt =
        new CorruptImageException(
            "%s: unpacks to more than the %d bytes of its partition".formatted(file, size));
    corrupt.initCause(cause);
    return corrupt;
  }

  @Override
  public Extent extentAt(long offset, long maxLength) {
    return new Extent(offset, maxLength, true, false);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
