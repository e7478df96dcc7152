package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;
import static io.calco.disk.vmdk.SparseLayout.U32;

import io.calco.disk.Allocation;
import io.calco.disk.BackingReference;
import io.calco.disk.Closing;
import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.FormatInfo;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.Mapping;
import io.calco.disk.OpenedFormat;
import io.calco.disk.RepairScope;
import io.calco.disk.UnitPacker;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.VerifyReport;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An open VMDK: finds the extent of a guest offset, and asks it.
final class VmdkDriver implements OpenedFormat {
  private final HostFile file;
  private final ImageFiles files;
  private final FormatOpenOptions options;
  private final List<ImageFiles.Part> parts;

  /// Guest offsets where the extents begin.
  private final long[] bases;

  private final boolean writable;
  private final boolean hasParent;
  private final int unitLength;
  private final Optional<StreamWriter> stream;

  /// Of the hosted sparse extents that are written in place, by index, made when first needed.
  private final Map<Integer, SparseEditor> editors = new LinkedHashMap<>();

  private @Nullable GrainCodec codec;
  private long size;
  private boolean begun;

  private VmdkDriver(HostFile file, ImageFiles files, FormatOpenOptions options)
      throws IOException {
    this.file = file;
    this.files = files;
    this.options = options;
    this.parts = files.parts();
    this.bases = parts.stream().mapToLong(ImageFiles.Part::base).toArray();
    this.size = parts.getLast().base() + parts.getLast().extent().size();
    this.hasParent = VmdkFacts.backing(files).isPresent();
    this.stream = freshStream();
    this.writable = options.writable() && !options.forRepair();
    this.unitLength =
        parts.stream().mapToInt(part -> part.extent().grainBytes().orElse(1)).reduce(1, Math::max);
  }

  /// Opens an image; the file stays the caller's when this fails.
  static VmdkDriver open(HostFile file, FormatOpenOptions options) throws IOException {
    if (options.snapshot().isPresent()) {
      throw new UnsupportedFeatureException(file.name() + ": a vmdk has no internal snapshots");
    }
    ImageFiles files = ImageFiles.open(file, options);
    try {
      VmdkDriver driver = new VmdkDriver(file, files, options);
      if (driver.writable) {
        driver.checkWritable();
      }
      return driver;
    } catch (IOException | RuntimeException e) {
      Closing.after(e, files::closeExtents);
      throw e;
    }
  }

  private void checkWritable() throws IOException {
    if (stream.isPresent()) {
      return;
    }
    for (ImageFiles.Part part : parts) {
      String why =
          switch (part.extent()) {
            case SeSparseExtent space -> "space-efficient sparse extents are only read";
            case SparseExtent sparse when part.header().isEmpty() ->
                "ESX sparse extents are only read";
            case SparseExtent sparse when sparse.geometry().compressed() ->
                "a stream-optimized image is written once";
            case SparseExtent sparse when part.header().map(SparseHeader::version).orElse(1) == 3 ->
                "sparse extents of version 3 are only read";
            case SparseExtent sparse -> "";
            case FlatExtent flat -> "";
            case EmptyExtent empty -> "";
          };
      if (!why.isEmpty()) {
        throw new UnsupportedFeatureException("%s: %s".formatted(file.name(), why));
      }
    }
  }

  /// A stream that holds nothing yet can be written.
  private Optional<StreamWriter> freshStream() throws IOException {
    ImageFiles.Part first = parts.getFirst();
    boolean can =
        options.writable()
            && !options.forRepair()
            && parts.size() == 1
            && first.header().map(h -> h.compressed() && h.markers()).orElse(false);
    if (!can
        || !(first.extent() instanceof SparseExtent sparse)
        || !SparseHeader.endsInFooter(file)) {
      return Optional.empty();
    }
    for (int i = 0; i < sparse.geometry().tables(); i++) {
      if (sparse.tables().sector(i, false) != 0) {
        return Optional.empty();
      }
    }
    SparseHeader header = first.header().orElseThrow();
    long least = header.descriptorOffset() + header.descriptorSectors();
    return header.overhead() >= least
        ? Optional.of(new StreamWriter(file.name(), file::write, header))
        : Optional.empty();
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public DiskCapabilities capabilities() {
    boolean inPlace = writable && stream.isEmpty();
    boolean discard = inPlace && unitLength > 1;
    boolean zeroes = writable && unitLength > 1 && zeroesFast();
    return new DiskCapabilities(writable, true, discard, zeroes, inPlace && isResizable());
  }

  /// Zeroes are metadata unless a parent must be hidden and the format cannot say so.
  private boolean zeroesFast() {
    return !hasParent
        || parts.stream()
            .allMatch(part -> part.header().map(SparseHeader::zeroGrains).orElse(false));
  }

  private boolean isResizable() {
    if (parts.size() != 1 || files.descriptor().createType().startsWith("twoGb")) {
      return false;
    }
    return switch (parts.getFirst().extent()) {
      case SparseExtent sparse -> files.isOneFile();
      case FlatExtent flat -> parts.getFirst().line().offset().orElse(0L) == 0;
      case EmptyExtent empty -> false;
      case SeSparseExtent space -> false;
    };
  }

  @Override
  public int unitLength() {
    return unitLength;
  }

  private int partAt(long offset) {
    int found = Arrays.binarySearch(bases, offset);
    int index = found >= 0 ? found : -found - 2;
    // extents of no bytes begin where the next one does
    while (index + 1 < bases.length && bases[index + 1] <= offset) {
      index++;
    }
    return index;
  }

  private VmdkExtent extent(int part) {
    SparseEditor editor = editors.get(part);
    return editor == null ? parts.get(part).extent() : editor.extent();
  }

  @Override
  public Mapping map(long offset, long maxLength) throws IOException {
    int part = partAt(offset);
    if (stream.isPresent()) {
      return mapStream(offset, maxLength);
    }
    Mapping run = extent(part).map(offset - bases[part], maxLength);
    return run instanceof Mapping.Compressed packed && bases[part] > 0
        ? new Mapping.Compressed(
            packed.unitOffset() + bases[part],
            packed.unitLength(),
            packed.length(),
            packed.hostOffset(),
            packed.hostLength())
        : run;
  }

  /// What was not written yet is nowhere; what was cannot be read before the stream has its end.
  private Mapping mapStream(long offset, long maxLength) throws IOException {
    if (stream.orElseThrow().isBefore(offset)) {
      return new Mapping.Unallocated(Math.min(maxLength, size - offset));
    }
    throw new UnsupportedFeatureException(file.name() + ": a stream is read after it was closed");
  }

  @Override
  public void decompress(Mapping.Compressed run, MemorySegment dst) throws IOException {
    int index = partAt(run.unitOffset());
    HostFile from = parts.get(index).file().orElseThrow();
    SparseHeader header = parts.get(index).header().orElseThrow();
    long inExtent = run.unitOffset() - bases[index];
    int most = (int) Math.min(run.unitLength(), header.capacity() * SECTOR - inExtent);
    MemorySegment packed = readPacked(from, run, header.markers());
    try {
      codec(run.unitLength()).unpack(packed, dst, most);
    } catch (IOException e) {
      throw new CorruptImageException(
          "%s: compressed grain at 0x%x for guest offset 0x%x: %s"
              .formatted(from.name(), run.hostOffset(), run.unitOffset(), e.getMessage()));
    }
  }

  private static MemorySegment readPacked(HostFile from, Mapping.Compressed run, boolean marked)
      throws IOException {
    MemorySegment raw = MemorySegment.ofArray(new byte[run.hostLength()]);
    from.read(run.hostOffset(), raw);
    if (!marked) {
      return raw;
    }
    int room = run.hostLength() - SparseLayout.MARKER_DATA;
    int length = room < 0 ? -1 : raw.get(U32, SparseLayout.MARKER_SIZE);
    if (length <= 0 || length > room) {
      throw CorruptImageException.at(
          from.name(),
          "compressed grain's marker",
          run.hostOffset(),
          "%d packed bytes".formatted(length),
          "1 to %d".formatted(Math.max(room, 0)));
    }
    return raw.asSlice(SparseLayout.MARKER_DATA, length);
  }

  /// The codec, whose native library is linked when it is first asked for.
  private synchronized GrainCodec codec(int grainBytes) {
    GrainCodec existing = codec;
    if (existing == null || existing.unitLength() != grainBytes) {
      existing = new GrainCodec(grainBytes);
      codec = existing;
    }
    return existing;
  }

  /// The content id says that the content is not what it was.
  @Override
  public void beginWrites() throws IOException {
    if (!writable) {
      throw new UnsupportedFeatureException(file.name() + ": is open for reading only");
    }
    if (begun) {
      return;
    }
    if (stream.isPresent()) {
      file.truncate(parts.getFirst().header().orElseThrow().overhead() * SECTOR);
    } else {
      files.write(files.descriptor().withCid(VmdkCreator.newContentId()));
      if (!isNew()) {
        file.sync();
      }
    }
    begun = true;
  }

  /// True when no grain was ever written, so that no delta can have been made on it.
  private boolean isNew() throws IOException {
    for (ImageFiles.Part part : parts) {
      boolean empty =
          part.extent() instanceof SparseExtent sparse
              && part.header().isPresent()
              && sparse.file().size() <= ImageFiles.metadataEnd(part.header().get());
      if (!empty) {
        return false;
      }
    }
    return true;
  }

  private SparseEditor editor(int index) throws IOException {
    SparseEditor existing = editors.get(index);
    if (existing != null) {
      return existing;
    }
    ImageFiles.Part part = parts.get(index);
    if (stream.isPresent()
        || !(part.extent() instanceof SparseExtent sparse)
        || part.file().filter(f -> isWritable(part, f)).isEmpty()) {
      throw new UnsupportedFeatureException(
          stream.isPresent()
              ? file.name() + ": is a stream, which takes compressed grains alone, in their order"
              : "%s: the extent \"%s\" is read-only"
                  .formatted(file.name(), Descriptor.printable(part.line().name())));
    }
    SparseEditor made = new SparseEditor(sparse, part.header().orElseThrow(), part.base());
    editors.put(index, made);
    return made;
  }

  private boolean isWritable(ImageFiles.Part part, HostFile extent) {
    return extent.writable() && (files.isOneFile() || part.line().access() == ExtentLine.Access.RW);
  }

  @Override
  public Allocation allocate(long offset, long length) throws IOException {
    int index = partAt(offset);
    return editor(index).allocate(offset - bases[index], length);
  }

  @Override
  public void commit(Allocation allocation) throws IOException {
    GrainAllocation run = (GrainAllocation) allocation;
    editor(partAt(run.base())).commit(run);
  }

  @Override
  public void abandon(Allocation allocation) throws IOException {
    GrainAllocation run = (GrainAllocation) allocation;
    editor(partAt(run.base())).abandon(run);
  }

  @Override
  public long zero(long offset, long length, ZeroMode mode) throws IOException {
    if (stream.isPresent()) {
      return stream.get().isBefore(offset) ? length : 0;
    }
    int index = partAt(offset);
    if (!(parts.get(index).extent() instanceof SparseExtent)) {
      return 0;
    }
    long inExtent = offset - bases[index];
    long part = Math.min(length, extent(index).size() - inExtent);
    return editor(index).zero(inExtent, part, hasParent);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    for (long at = offset; at < offset + length && stream.isEmpty(); ) {
      int index = partAt(at);
      long inExtent = at - bases[index];
      long part = Math.min(offset + length - at, extent(index).size() - inExtent);
      if (parts.get(index).extent() instanceof SparseExtent) {
        editor(index).discard(inExtent, part);
      }
      at += part;
    }
  }

  @Override
  public Optional<UnitPacker> packer() {
    return stream.isPresent() ? Optional.of(codec(unitLength)) : Optional.empty();
  }

  @Override
  public boolean streaming() {
    return stream.isPresent();
  }

  @Override
  public void writeCompressed(long offset, MemorySegment packed) throws IOException {
    if (stream.isEmpty()) {
      throw new UnsupportedFeatureException(file.name() + ": its grains are not compressed");
    }
    stream.get().write(offset, packed);
  }

  @Override
  public void resize(long newSize) throws IOException {
    long rounded = Math.ceilDiv(newSize, SECTOR) * SECTOR;
    switch (parts.getFirst().extent()) {
      case SparseExtent sparse -> {
        SparseEditor editor = editor(0);
        editor.resize(rounded);
        files.replaceOnly(editor.extent(), Optional.of(editor.header()));
        size = rounded;
      }
      case FlatExtent flat -> {
        flat.file().truncate(rounded);
        flat.setSize(rounded);
        size = rounded;
      }
      case EmptyExtent empty -> throw new IllegalStateException("resized");
      case SeSparseExtent space -> throw new IllegalStateException("resized");
    }
    files.write(files.descriptor().resized(rounded / SECTOR));
  }

  @Override
  public void flush() throws IOException {
    for (SparseEditor editor : editors.values()) {
      editor.flush();
    }
  }

  @Override
  public void sync() throws IOException {
    for (SparseEditor editor : editors.values()) {
      editor.sync();
    }
    for (ImageFiles.Part part : parts) {
      HostFile each = part.file().orElse(file);
      if (writable && each.writable()) {
        each.sync();
      }
    }
    if (writable) {
      file.sync();
    }
  }

  @Override
  public void close() throws IOException {
    try (file) {
      try {
        if (begun && stream.isPresent()) {
          stream.get().finish();
        }
        for (SparseEditor editor : editors.values()) {
          editor.close();
        }
      } finally {
        files.closeExtents();
      }
    }
  }

  @Override
  public FormatInfo info() throws IOException {
    return VmdkFacts.of(files);
  }

  @Override
  public long companionsAllocated() throws IOException {
    return files.allocatedBeside();
  }

  @Override
  public List<String> risks() throws IOException {
    return new Risks(files).find();
  }

  @Override
  public VerifyReport verify(JobContext job) throws IOException {
    flush();
    return new Verification(files, job).run();
  }

  @Override
  public VerifyReport repair(RepairScope what, JobContext job) throws IOException {
    if (!options.writable()) {
      throw new UnsupportedFeatureException(file.name() + ": is open for reading only");
    }
    return new Repair(files, job).run(what);
  }

  @Override
  public void changeBacking(Optional<BackingReference> backing) throws IOException {
    flush();
    Descriptor next;
    if (backing.isPresent()) {
      VmdkCreateOptions.Parent parent = VmdkCreator.recorded(backing.get(), options.companions());
      next = files.descriptor().withParent(parent.cid(), Optional.of(parent.name()));
    } else {
      next = files.descriptor().withParent(Descriptor.NO_PARENT, Optional.empty());
    }
    files.write(next);
    file.sync();
  }
}
