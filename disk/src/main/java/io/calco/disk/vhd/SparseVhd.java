package io.calco.disk.vhd;

import io.calco.disk.Allocation;
import io.calco.disk.BackingReference;
import io.calco.disk.Companions;
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
import org.jspecify.annotations.Nullable;

/// An open dynamic or differencing disk.
final class SparseVhd implements OpenedFormat {
  private final HostFile file;
  private final Footers footers;
  private final DynamicHeader header;
  private final SparseMap map;
  private final boolean writable;
  private final Companions companions;
  private @Nullable SparseEditor editor;

  SparseVhd(HostFile file, Footers footers, FormatOpenOptions options) throws IOException {
    this.file = file;
    this.footers = footers;
    this.header = DynamicHeader.read(file, footers.footer(), options.forRepair());
    this.writable = options.writable();
    this.companions = options.companions();
    this.map = new SparseMap(file, footers.footer(), header, writable);
  }

  @Override
  public long size() {
    return map.size();
  }

  @Override
  public DiskCapabilities capabilities() {
    return new DiskCapabilities(
        writable, true, writable, writable, writable && !map.differencing());
  }

  @Override
  public int unitLength() {
    return VhdLayout.SECTOR;
  }

  @Override
  public Mapping map(long offset, long maxLength) throws IOException {
    return map.map(offset, maxLength);
  }

  private SparseEditor editor() throws IOException {
    if (!writable) {
      throw new UnsupportedFeatureException(file.name() + ": is open for reading only");
    }
    SparseEditor existing = editor;
    if (existing == null) {
      existing = new SparseEditor(file, map, footers, header);
      editor = existing;
    }
    return existing;
  }

  private SparseEditor begun() {
    return Objects.requireNonNull(editor, "beginWrites was not called");
  }

  @Override
  public void beginWrites() throws IOException {
    editor();
  }

  @Override
  public Allocation allocate(long offset, long length) throws IOException {
    return begun().allocate(offset, length);
  }

  @Override
  public void commit(Allocation allocation) throws IOException {
    begun().commit((SparseAllocation) allocation);
  }

  @Override
  public void abandon(Allocation allocation) throws IOException {
    begun().abandon((SparseAllocation) allocation);
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
    begun().resize(newSize);
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
      if (editor != null) {
        editor.finish();
      }
    }
  }

  @Override
  public FormatInfo info() throws IOException {
    VhdFooter footer = editor == null ? footers.footer() : editor.footer();
    DynamicHeader current = editor == null ? header : editor.header();
    Optional<BackingReference> backing =
        footer.type() == VhdFooter.DIFFERENCING
            ? Optional.of(ParentPath.reference(file, current))
            : Optional.empty();
    return new FormatInfo(
        Optional.of(map.blockSize()),
        backing,
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
    if (editor != null) {
      editor.finish();
    }
    return new Verification(file, job).run();
  }

  @Override
  public VerifyReport repair(RepairScope what, JobContext job) throws IOException {
    if (!writable || editor != null) {
      throw new IllegalStateException("repair needs an image just opened for writing");
    }
    return new Repair(file, job).run(what);
  }

  @Override
  public void changeBacking(Optional<BackingReference> backing) throws IOException {
    Optional<ParentFacts> parent = Optional.empty();
    if (backing.isPresent()) {
      parent = Optional.of(ParentFacts.of(backing.get(), companions));
    }
    editor().changeParent(parent);
  }
}
