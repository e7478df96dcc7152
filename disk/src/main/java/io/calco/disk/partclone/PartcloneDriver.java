package io.calco.disk.partclone;

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
import io.calco.disk.partclone.PartcloneHeader.Seeding;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// An open partclone image: for reading only. Its map is read when the first byte is asked for, so
/// that its header can be had of an image whose map is damaged.
final class PartcloneDriver implements OpenedFormat {
  private final HostFile file;
  private final PartcloneHeader header;
  private final ReentrantLock opening = new ReentrantLock();
  private volatile @Nullable OpenedMap map;

  PartcloneDriver(HostFile file, PartcloneHeader header) {
    this.file = file;
    this.header = header;
  }

  @Override
  public long size() {
    return header.deviceSize();
  }

  @Override
  public DiskCapabilities capabilities() {
    return new DiskCapabilities(false, true, false, false, false);
  }

  @Override
  public int unitLength() {
    return header.blockSize();
  }

  private OpenedMap openedMap() throws IOException {
    OpenedMap open = map;
    if (open != null) {
      return open;
    }
    opening.lock();
    try {
      open = map;
      if (open == null) {
        open = OpenedMap.of(file, header, MapReader.read(file, header).orThrow());
        map = open;
      }
      return open;
    } finally {
      opening.unlock();
    }
  }

  @Override
  public Mapping map(long offset, long maxLength) throws IOException {
    if (offset >= header.blockBytes()) {
      return new Mapping.Zero(maxLength, false);
    }
    OpenedMap open = openedMap();
    int blockSize = header.blockSize();
    long block = offset / blockSize;
    long limit = Math.min(header.totalBlocks(), (offset + maxLength - 1) / blockSize + 1);
    long end = open.map().runEnd(block, limit) * blockSize;
    long length = Math.min(end - offset, maxLength);
    if (!open.map().contains(block)) {
      return new Mapping.Zero(length, false);
    }
    long at = open.map().rank(block) * blockSize + offset % blockSize;
    return new Mapping.Data(open.blocks(), at, length, false);
  }

  @Override
  public FormatInfo info() {
    Map<String, Object> specific = new LinkedHashMap<>();
    specific.put("version", header.version());
    if (header.version() > 1) {
      specific.put("tool-version", header.toolVersion());
    }
    specific.put("file-system", header.fileSystem());
    specific.put("block-size", header.blockSize());
    specific.put("total-blocks", header.totalBlocks());
    if (header.version() > 1) {
      specific.put("used-blocks", header.statedUsed());
    }
    specific.put("checksum", header.checksum().toString());
    if (header.checksum() != Checksum.NONE) {
      specific.put("blocks-per-checksum", header.blocksPerChecksum());
      specific.put("reseed", header.seeding() == Seeding.EACH_STRIP);
    }
    return new FormatInfo(
        Optional.of(header.blockSize()),
        Optional.empty(),
        false,
        false,
        false,
        false,
        List.of(),
        specific);
  }

  @Override
  public VerifyReport verify(JobContext job) throws IOException {
    return Verification.run(file, header, job);
  }

  @Override
  public VerifyReport repair(RepairScope what, JobContext job) throws IOException {
    throw readOnly();
  }

  @Override
  public void changeBacking(Optional<BackingReference> backing) throws IOException {
    throw new UnsupportedFeatureException(
        file.name() + ": partclone images cannot have a backing image; use qcow2");
  }

  private UnsupportedFeatureException readOnly() {
    return PartcloneFormat.readOnly(file.name());
  }

  @Override
  public void beginWrites() throws IOException {
    throw readOnly();
  }

  @Override
  public Allocation allocate(long offset, long length) throws IOException {
    throw readOnly();
  }

  @Override
  public void commit(Allocation allocation) throws IOException {
    throw readOnly();
  }

  @Override
  public void abandon(Allocation allocation) throws IOException {
    throw readOnly();
  }

  @Override
  public long zero(long offset, long length, ZeroMode mode) throws IOException {
    throw readOnly();
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    throw readOnly();
  }

  @Override
  public void resize(long newSize) throws IOException {
    throw readOnly();
  }

  @Override
  public void flush() {}

  @Override
  public void sync() {}

  @Override
  public void close() throws IOException {
    file.close();
  }
}
