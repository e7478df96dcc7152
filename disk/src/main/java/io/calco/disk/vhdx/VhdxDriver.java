package io.calco.disk.vhdx;

import io.calco.disk.Allocation;
import io.calco.disk.BackingReference;
import io.calco.disk.CorruptImageException;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// An open VHDX image.
final class VhdxDriver implements OpenedFormat {
  /// What copies are cut on: smaller than a block, whose rest is a hole of the file.
  private static final int UNIT = 64 << 10;

  private final HostFile file;
  private final boolean writable;
  private final RegionTable regions;
  private final Metadata metadata;
  private final MetadataPages pages;
  private final VhdxHeader opened;
  private final boolean replayed;
  private BlockTable table;
  private long size;

  /// Blocks before it were found inside the file; for any thread, since the file does not shrink.
  private volatile long fileEnd;

  private Optional<VhdxEditor> editor = Optional.empty();

  /// @param replayed the log was replayed when the image was opened
  VhdxDriver(HostFile file, VhdxHeader header, boolean writable, boolean replayed)
      throws IOException {
    this.file = file;
    this.opened = header;
    this.writable = writable;
    this.replayed = replayed;
    this.regions = RegionTable.read(file);
    regions.checkApart(file, header);
    this.metadata = Metadata.read(file, regions.metadata());
    this.pages = new MetadataPages(file);
    this.size = metadata.size();
    this.table = table(size);
    long entries = Metadata.batEntries(table.blocks(), table.chunkRatio(), differencing());
    if (8 * entries > regions.bat().length()) {
      throw CorruptImageException.at(
          file.name(),
          "region table, BAT",
          regions.bat().offset(),
          "%d bytes".formatted(regions.bat().length()),
          "%d entries of 8 bytes".formatted(entries));
    }
  }

  private BlockTable table(long diskSize) {
    long blocks = Math.ceilDiv(diskSize, metadata.blockSize());
    return new BlockTable(pages, regions.bat().offset(), blocks, metadata.chunkRatio());
  }

  private boolean differencing() {
    return metadata.parent().isPresent();
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
    return differencing() ? metadata.sector() : UNIT;
  }

  @Override
  public Mapping map(long offset, long maxLength) throws IOException {
    long end = offset + Math.min(maxLength, size - offset);
    long block = offset / metadata.blockSize();
    long entry = table.block(block);
    int state = BlockTable.state(entry);
    if (state == BlockTable.PARTIAL && differencing()) {
      return mapPartial(offset, Math.min(end, blockEnd(block)), block, entry);
    }
    boolean data = !BlockTable.isAbsent(entry);
    if (data && state != BlockTable.PRESENT) {
      throw badEntry(block, entry, "a known state");
    }
    long most = Math.ceilDiv(end, blockSize()) - block;
    long blocks = table.run(block, most, data ? blockSize() : 0);
    long length = Math.min(blockEnd(block + blocks - 1), end) - offset;
    if (data) {
      long host = BlockTable.host(entry);
      checkInFile(block, entry, host, blocks * blockSize());
      return new Mapping.Data(file, host + offset % blockSize(), length, writable);
    }
    return state == BlockTable.NOT_PRESENT && differencing()
        ? new Mapping.Unallocated(length)
        : new Mapping.Zero(length, false);
  }

  /// Fails unless a run of blocks lies between the headers and the end of the file.
  private void checkInFile(long block, long entry, long host, long length) throws IOException {
    boolean possible = host >= VhdxLayout.MIB && HostSpace.covers(host, length);
    if (possible && host + length > fileEnd) {
      fileEnd = VhdxLayout.up(file.size(), VhdxLayout.MIB);
    }
    if (!possible || host + length > fileEnd) {
      throw badEntry(block, entry, "a block inside the file of %d bytes".formatted(file.size()));
    }
  }

  private long blockSize() {
    return metadata.blockSize();
  }

  private long blockEnd(long block) {
    return (block + 1) * metadata.blockSize();
  }

  private CorruptImageException badEntry(long block, long entry, String expected) {
    return CorruptImageException.at(
        file.name(),
        "BAT, block %d".formatted(block),
        regions.bat().offset() + 8 * (block + block / table.chunkRatio()),
        "0x%016x".formatted(entry),
        expected);
  }

  /// A run of sectors that are all this image's own, or all its parent's.
  private Mapping mapPartial(long offset, long end, long block, long entry) throws IOException {
    long bitmap = table.bitmap(block);
    if (BlockTable.state(bitmap) != BlockTable.PRESENT) {
      throw badEntry(block, entry, "a partly present block with its sector bitmap");
    }
    long host = BlockTable.host(entry);
    long bits = BlockTable.host(bitmap);
    checkInFile(block, entry, host, blockSize());
    checkInFile(block, bitmap, bits, VhdxLayout.MIB);
    long chunk = block / table.chunkRatio() * table.chunkRatio() * blockSize();
    long first = (offset - chunk) / metadata.sector();
    long last = Math.ceilDiv(end - chunk, metadata.sector());
    long next = pages.runOfBits(bits, first, last);
    long length = Math.min(end, chunk + next * metadata.sector()) - offset;
    return pages.bit(bits, first)
        ? new Mapping.Data(file, host + offset % blockSize(), length, writable)
        : new Mapping.Unallocated(length);
  }

  private VhdxEditor editor() {
    return editor.orElseThrow(() -> new IllegalStateException("beginWrites was not called"));
  }

  @Override
  public void beginWrites() throws IOException {
    if (editor.isEmpty()) {
      BlockCheck check = check(JobContext.SILENT);
      if (!check.findings().isEmpty()) {
        throw new CorruptImageException(
            check.findings().getFirst() + "; such an image is only read");
      }
      editor = Optional.of(new VhdxEditor(file, opened, metadata, pages, check));
      editor.get().begin();
    }
  }

  private BlockCheck check(JobContext job) throws IOException {
    BlockCheck check = new BlockCheck(file, table, metadata, regions, opened);
    check.run(job);
    return check;
  }

  @Override
  public Allocation allocate(long offset, long length) throws IOException {
    return editor().allocate(table, offset, Math.min(length, size - offset));
  }

  @Override
  public void commit(Allocation allocation) throws IOException {
    editor().commit(table, (VhdxEditor.Space) allocation);
  }

  @Override
  public void abandon(Allocation allocation) {
    editor().abandon((VhdxEditor.Space) allocation);
  }

  @Override
  public long zero(long offset, long length, ZeroMode mode) throws IOException {
    return mode == ZeroMode.KEEP_ALLOCATED ? 0 : editor().zero(table, size, offset, length);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    for (long at = offset; at < offset + length; ) {
      long done = editor().zero(table, size, at, offset + length - at);
      at = done > 0 ? at + done : blockEnd(at / blockSize());
    }
  }

  @Override
  public void resize(long newSize) throws IOException {
    if (newSize % metadata.sector() != 0) {
      throw new UnsupportedFeatureException(
          "%s: %d bytes are not whole sectors of %d bytes"
              .formatted(file.name(), newSize, metadata.sector()));
    }
    if (metadata.sizeAt() % 8 != 0) {
      throw new UnsupportedFeatureException(
          "%s: its size stands at 0x%x, on no grid of 8 bytes, and is not changed"
              .formatted(file.name(), metadata.sizeAt()));
    }
    BlockTable old = table;
    BlockTable changed = table(newSize);
    long entries = Metadata.batEntries(changed.blocks(), changed.chunkRatio(), differencing());
    if (newSize > VhdxLayout.DISK_SIZE_MAX || 8 * entries > regions.bat().length()) {
      throw new UnsupportedFeatureException(
          "%s: its block table has no room for %d bytes; convert into a new image"
              .formatted(file.name(), newSize));
    }
    pages.setLong(metadata.sizeAt(), newSize);
    size = newSize;
    table = changed;
    editor().drop(old, changed.blocks());
    editor().add(changed, old.blocks());
  }

  @Override
  public void flush() throws IOException {
    if (editor.isPresent()) {
      editor.get().flush();
    }
  }

  @Override
  public void sync() throws IOException {
    if (editor.isPresent()) {
      editor.get().sync();
    } else {
      file.sync();
    }
  }

  @Override
  public void close() throws IOException {
    try (file) {
      if (editor.isPresent()) {
        editor.get().end();
      }
    }
  }

  @Override
  public FormatInfo info() throws IOException {
    Optional<BackingReference> parent =
        metadata.parent().isPresent()
            ? Optional.of(metadata.parent().get().reference(file, metadata.parentAt()))
            : Optional.empty();
    return new FormatInfo(
        Optional.of(metadata.blockSize()),
        parent,
        opened.dirty(),
        false,
        false,
        false,
        Optional.of(
            Guids.text(editor.map(VhdxEditor::header).orElse(opened).dataWrite())
                .toLowerCase(Locale.ROOT)),
        List.of(),
        Map.of());
  }

  @Override
  public List<String> risks() throws IOException {
    List<String> risks = new ArrayList<>(OpenedFormat.super.risks());
    if (opened.dirty()) {
      risks.add("has a log to be replayed: readers that do not would see another disk");
    }
    risks.addAll(RegionTable.damagedCopies(file));
    return risks;
  }

  @Override
  public VerifyReport verify(JobContext job) throws IOException {
    return check(job).report(RegionTable.damagedCopies(file), 0);
  }

  /// Mends the region table by its other copy; blocks that lie over each other or outside the file
  /// stay as they are: nobody knows whose data it was.
  @Override
  public VerifyReport repair(RepairScope what, JobContext job) throws IOException {
    long fixed = replayed ? 1 : 0;
    List<String> damaged = RegionTable.damagedCopies(file);
    if (what == RepairScope.ALL && !damaged.isEmpty()) {
      RegionTable.mend(file);
      fixed += damaged.size();
    }
    return check(job).report(RegionTable.damagedCopies(file), fixed);
  }

  @Override
  public void changeBacking(Optional<BackingReference> backing) throws IOException {
    throw new UnsupportedFeatureException(
        file.name() + ": the parent of a VHDX image stays; make a new child of the other one");
  }
}
