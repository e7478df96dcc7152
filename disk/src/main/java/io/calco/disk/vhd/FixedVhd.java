package io.calco.disk.vhd;

import io.calco.disk.Allocation;
import io.calco.disk.BackingReference;
import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.FormatInfo;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.Mapping;
import io.calco.disk.OpenedFormat;
import io.calco.disk.RepairScope;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.VerifyReport;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An open fixed disk: the guest's bytes, and a footer.
final class FixedVhd implements OpenedFormat {
  private final HostFile file;
  private final boolean writable;
  private VhdFooter footer;
  private long size;

  FixedVhd(HostFile file, Footers footers, FormatOpenOptions options) throws IOException {
    this.file = file;
    this.writable = options.writable();
    this.footer = footers.footer();
    this.size = footer.virtualSize();
    if (size > footers.dataEnd()) {
      throw CorruptImageException.at(
          file.name(),
          "size in the footer",
          footers.dataEnd() + VhdLayout.CURRENT_SIZE,
          size + " bytes",
          "at most the %d before the footer".formatted(footers.dataEnd()));
    }
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
    throw new IllegalStateException("fixed disks are written in place");
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

  /// The new footer stands before the old one goes, so that the file ends with one at any time.
  @Override
  public void resize(long newSize) throws IOException {
    VhdSizes.check(file, newSize);
    VhdFooter changed = footer.withSize(newSize);
    long oldEnd = file.size();
    file.write(newSize, changed.bytes());
    file.sync();
    file.truncate(newSize + VhdLayout.FOOTER_LENGTH);
    if (newSize > size) {
      file.punchHole(size, Math.min(oldEnd, newSize) - size);
    }
    footer = changed;
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
    return new FormatInfo(
        Optional.empty(),
        Optional.empty(),
        false,
        false,
        false,
        false,
        Optional.of(footer.uniqueId().toString()),
        List.of(),
        Map.of());
  }

  @Override
  public VerifyReport verify(JobContext job) throws IOException {
    return new Verification(file, job).run();
  }

  @Override
  public VerifyReport repair(RepairScope what, JobContext job) throws IOException {
    return new Repair(file, job).run(what);
  }

  @Override
  public void changeBacking(Optional<BackingReference> backing) throws IOException {
    throw new UnsupportedFeatureException(
        file.name() + ": a fixed VHD cannot have a backing image; use a differencing one");
  }
}
