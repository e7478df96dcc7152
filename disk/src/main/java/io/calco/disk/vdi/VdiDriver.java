package io.calco.disk.vdi;

import io.calco.disk.Allocation;
import io.calco.disk.BackingReference;
import io.calco.disk.Companions;
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
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// An open VDI.
final class VdiDriver implements OpenedFormat {
  private final HostFile file;
  private final VdiMap map;
  private final boolean writable;
  private final Companions companions;
  private @Nullable BackingReference parent;
  private @Nullable VdiEditor editor;

  VdiDriver(HostFile file, FormatOpenOptions options) throws IOException {
    this.file = file;
    VdiHeader header = VdiHeader.read(file);
    this.writable = options.writable();
    this.companions = options.companions();
    if (writable && (header.differencing() || header.blockExtra() != 0)) {
      throw new UnsupportedFeatureException(
          "%s: VDIs %s are read, not written"
              .formatted(
                  file.name(),
                  header.differencing() ? "on a parent" : "with extra data in their blocks"));
    }
    this.map = new VdiMap(file, header, writable);
  }

  @Override
  public long size() {
    return map.header().size();
  }

  @Override
  public DiskCapabilities capabilities() {
    return new DiskCapabilities(writable, true, writable, writable, writable);
  }

  @Override
  public int unitLength() {
    return VdiLayout.SECTOR;
  }

  @Override
  public Mapping map(long offset, long maxLength) throws IOException {
    return map.map(offset, maxLength);
  }

  private VdiEditor begun() {
    return Objects.requireNonNull(editor, "beginWrites was not called");
  }

  @Override
  public void beginWrites() throws IOException {
    editor = new VdiEditor(file, map);
  }

  @Override
  public Allocation allocate(long offset, long length) throws IOException {
    return begun().allocate(offset, length);
  }

  @Override
  public void commit(Allocation allocation) throws IOException {
    begun().commit((VdiAllocation) allocation);
  }

  @Override
  public void abandon(Allocation allocation) {
    begun().abandon((VdiAllocation) allocation);
  }

  @Override
  public long zero(long offset, long length, ZeroMode mode) throws IOException {
    return begun().zero(offset, length, mode);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    begun().discard(offset, length);
  }

  @Override
  public void resize(long newSize) throws IOException {
    new Resize(file, map, begun()).to(newSize);
  }

  @Override
  public void flush() throws IOException {
    if (editor != null) {
      editor.flush();
    }
  }

  @Override
  public void sync() throws IOException {
    if (editor != null) {
      editor.sync();
    } else if (writable) {
      file.sync();
    }
  }

  @Override
  public void close() throws IOException {
    try (file) {
      flush();
    }
  }

  @Override
  public FormatInfo info() throws IOException {
    VdiHeader header = map.header();
    if (header.differencing() && parent == null) {
      parent = ParentSearch.find(header, companions);
    }
    return new FormatInfo(
        Optional.of(header.blockSize()),
        Optional.ofNullable(parent),
        false,
        false,
        false,
        false,
        Optional.of(header.identity().toString()),
        List.of(),
        Map.of());
  }

  @Override
  public List<String> risks() throws IOException {
    boolean namesParent = !map.header().parent().equals(new UUID(0, 0));
    if (!map.header().differencing() && namesParent) {
      return List.of("names a parent, though its kind has none: QEMU refuses it");
    }
    return OpenedFormat.super.risks();
  }

  @Override
  public VerifyReport verify(JobContext job) throws IOException {
    flush();
    return new Verification(file, VdiHeader.read(file), job).run();
  }

  /// Closes gaps between blocks and mends their count. Blocks that two entries use, or that lie
  /// outside the file, stay as they are: nobody knows whose data it was.
  @Override
  public VerifyReport repair(RepairScope what, JobContext job) throws IOException {
    if (!writable || editor != null) {
      throw new IllegalStateException("repair needs an image just opened for writing");
    }
    VerifyReport before = verify(job);
    if (before.clean() || before.corruptions() > 0 && what == RepairScope.LEAKS) {
      return before;
    }
    try {
      beginWrites();
    } catch (CorruptImageException beyondRepair) {
      return before;
    }
    begun().closeGaps();
    begun().sync();
    VerifyReport after = verify(job);
    return before.repaired(after);
  }

  @Override
  public void changeBacking(Optional<BackingReference> backing) throws IOException {
    throw new UnsupportedFeatureException(
        file.name() + ": a VDI's parent cannot be changed; convert it into an image of its own");
  }
}
