package io.calco.disk.raw;

import io.calco.disk.Allocation;
import io.calco.disk.BackingReference;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.FormatInfo;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.Mapping;
import io.calco.disk.OpenedFormat;
import io.calco.disk.RepairScope;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.VerifyReport;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.util.Optional;

/// A raw image: guest offset and host offset are the same.
final class RawDriver implements OpenedFormat {
  private final HostFile file;
  private final boolean writable;
  private long size;

  RawDriver(HostFile file, boolean writable) throws IOException {
    this.file = file;
    this.writable = writable;
    this.size = file.size();
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public DiskCapabilities capabilities() {
    return new DiskCapabilities(writable, true, writable, writable, writable);
  }

  @Override
  public int unitLength() {
    return 1;
  }

  @Override
  public Mapping map(long offset, long maxLength) {
    return new Mapping.Data(file, offset, maxLength, true);
  }

  @Override
  public void beginWrites() {}

  @Override
  public Allocation allocate(long offset, long length) {
    throw new IllegalStateException("raw images are written in place");
  }

  @Override
  public void commit(Allocation allocation) {}

  @Override
  public void abandon(Allocation allocation) {}

  @Override
  public long zero(long offset, long length, ZeroMode mode) throws IOException {
    if (mode == ZeroMode.KEEP_ALLOCATED) {
      return 0;
    }
    file.punchHole(offset, length);
    return length;
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    file.punchHole(offset, length);
  }

  @Override
  public void resize(long newSize) throws IOException {
    file.truncate(newSize);
    size = newSize;
  }

  @Override
  public void flush() {}

  @Override
  public void sync() throws IOException {
    file.sync();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  @Override
  public FormatInfo info() {
    return FormatInfo.none();
  }

  @Override
  public VerifyReport verify(JobContext job) throws IOException {
    throw new UnsupportedFeatureException(
        file.name() + ": raw images have no metadata that could be checked");
  }

  @Override
  public VerifyReport repair(RepairScope what, JobContext job) throws IOException {
    return verify(job);
  }

  @Override
  public void changeBacking(Optional<BackingReference> backing) throws IOException {
    throw new UnsupportedFeatureException(
        file.name() + ": raw images cannot have a backing image; use qcow2");
  }
}
