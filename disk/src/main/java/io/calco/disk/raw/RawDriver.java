package io.calco.disk.raw;

import io.calco.disk.BackingReference;
import io.calco.disk.FormatInfo;
import io.calco.disk.HostFile;
import io.calco.disk.InPlaceImage;
import io.calco.disk.JobContext;
import io.calco.disk.RepairScope;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.VerifyReport;
import java.io.IOException;
import java.util.Optional;

/// A raw image: guest offset and host offset are the same.
final class RawDriver extends InPlaceImage {
  private long size;

  RawDriver(HostFile file, boolean writable) throws IOException {
    super(file, writable);
    this.size = file.size();
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void resize(long newSize) throws IOException {
    file.truncate(newSize);
    size = newSize;
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
