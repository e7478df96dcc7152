package io.calco.disk.vhd;

import io.calco.disk.BackingReference;
import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatInfo;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.InPlaceImage;
import io.calco.disk.JobContext;
import io.calco.disk.RepairScope;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.VerifyReport;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An open fixed disk: the guest's bytes, and a footer.
final class FixedVhd extends InPlaceImage {
  private VhdFooter footer;
  private long size;

  FixedVhd(HostFile file, Footers footers, FormatOpenOptions options) throws IOException {
    super(file, options.writable());
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
