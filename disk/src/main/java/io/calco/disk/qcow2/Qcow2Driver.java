package io.calco.disk.qcow2;

import io.calco.disk.Allocation;
import io.calco.disk.BackingReference;
import io.calco.disk.Companions;
import io.calco.disk.CorruptImageException;
import io.calco.disk.DirtyBitmaps;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.FormatInfo;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.InternalSnapshots;
import io.calco.disk.JobContext;
import io.calco.disk.LimitExceededException;
import io.calco.disk.Mapping;
import io.calco.disk.OpenedFormat;
import io.calco.disk.PassphraseSlots;
import io.calco.disk.RepairScope;
import io.calco.disk.UnitPacker;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.VerifyReport;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An open qcow2 image.
final class Qcow2Driver implements OpenedFormat {
  private final HostFile file;
  private final Qcow2Header header;
  private final Geometry geometry;
  private final GuestFile guest;
  private final GuestMap map;
  private final MetadataAreas areas;
  private final boolean writable;
  private @Nullable Qcow2Editor editor;

  Qcow2Driver(HostFile file, Qcow2Header header, FormatOpenOptions options) throws IOException {
    this.file = file;
    this.header = header;
    this.geometry = header.geometry();
    this.areas = new MetadataAreas(file, header);
    this.writable = options.writable() && options.snapshot().isEmpty();
    this.guest =
        header.hasDataFile()
            ? GuestFile.external(file, dataFile(options))
            : GuestFile.open(file, header, options.passphrase());
    this.map = openMap(options);
  }

  private DataFile dataFile(FormatOpenOptions options) throws IOException {
    String name = header.dataFileName();
    if (name.isEmpty()) {
      throw new UnsupportedFeatureException(
          file.name() + ": the guest's bytes lie in an external data file that it does not name");
    }
    Companions.Access access = writable ? Companions.Access.WRITE : Companions.Access.READ;
    return new DataFile(options.companions(), name, access, header.rawDataFile());
  }

  private GuestMap openMap(FormatOpenOptions options) throws IOException {
    if (options.snapshot().isPresent()) {
      Snapshot snapshot = SnapshotTable.read(file, header).get(options.snapshot().get());
      PointerTable l1 =
          PointerTable.read(file, snapshot.l1Offset(), snapshot.checkedL1Entries(file, geometry));
      return new GuestMap(file, guest, geometry, l1, snapshot.virtualSize(), areas, false);
    }
    PointerTable l1 = PointerTable.read(file, header.l1Offset(), header.l1Entries());
    return new GuestMap(file, guest, geometry, l1, header.size(), areas, writable);
  }

  @Override
  public long size() {
    return map.size();
  }

  @Override
  public DiskCapabilities capabilities() {
    boolean zeroes = writable && (geometry.version() > 2 || !header.hasBacking());
    return new DiskCapabilities(writable, true, zeroes, zeroes, writable);
  }

  @Override
  public int unitLength() {
    return geometry.unitSize();
  }

  @Override
  public Mapping map(long offset, long maxLength) throws IOException {
    Mapping run = map.map(offset, maxLength);
    return run instanceof Mapping.Data data && data.inPlace() && mustNote(offset, data.length())
        ? new Mapping.Data(data.file(), data.hostOffset(), data.length(), false)
        : run;
  }

  /// True when a write would have to be noted in a bitmap: then it goes through [#allocate], which
  /// does.
  private boolean mustNote(long offset, long length) {
    Qcow2Editor existing = editor;
    WrittenRanges written = existing == null ? null : existing.bitmaps().written();
    return written != null && !written.covers(offset, length);
  }

  @Override
  public void decompress(Mapping.Compressed run, MemorySegment dst) throws IOException {
    long present = Math.clamp(file.size() - run.hostOffset(), 0, run.hostLength());
    if (present == 0) {
      throw CorruptImageException.at(
          file.name(),
          "compressed cluster",
          run.hostOffset(),
          "the end of the file",
          run.hostLength() + " bytes");
    }
    MemorySegment packed = MemorySegment.ofArray(new byte[run.hostLength()]);
    file.read(run.hostOffset(), packed.asSlice(0, present));
    try {
      codec().unpack(packed, dst);
    } catch (IOException e) {
      throw new CorruptImageException(
          "%s: compressed cluster at 0x%x for guest offset 0x%x: %s"
              .formatted(file.name(), run.hostOffset(), run.unitOffset(), e.getMessage()));
    }
  }

  /// The codec, whose native library is linked when it is first asked for: 30 ms that an image
  /// without compressed clusters does not need.
  private ClusterCodec codec() {
    return ClusterCodec.of(header.compressionType());
  }

  /// The editor, made when it is first needed.
  private Qcow2Editor editor() throws IOException {
    if (!writable) {
      throw new UnsupportedFeatureException(file.name() + ": is open for reading only");
    }
    Qcow2Editor existing = editor;
    if (existing == null) {
      existing = new Qcow2Editor(file, header, map, areas);
      editor = existing;
    }
    return existing;
  }

  /// The editor, after [#beginWrites].
  private Qcow2Editor begun() {
    return java.util.Objects.requireNonNull(editor, "beginWrites was not called");
  }

  @Override
  public void beginWrites() throws IOException {
    editor().beginWrites();
  }

  @Override
  public Allocation allocate(long offset, long length) throws IOException {
    return begun().allocate(offset, length);
  }

  @Override
  public void commit(Allocation allocation) throws IOException {
    begun().commit(allocation);
  }

  @Override
  public void abandon(Allocation allocation) throws IOException {
    begun().abandon(allocation);
  }

  @Override
  public long zero(long offset, long length, ZeroMode mode) throws IOException {
    return begun().zero(offset, length, mode);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    begun().discard(offset, length);
  }

  /// None for an encrypted image, whose compressed clusters would not be encrypted, as QEMU has it,
  /// and none with an external data file.
  @Override
  public Optional<UnitPacker> packer() {
    if (header.cryptMethod() != Qcow2Layout.CRYPT_NONE || header.hasDataFile()) {
      return Optional.empty();
    }
    return Optional.of(new ClusterPacker(geometry.clusterSize(), codec()));
  }

  @Override
  public void writeCompressed(long offset, MemorySegment packed) throws IOException {
    begun().writeCompressed(offset, packed);
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
    try (file;
        guest) {
      if (editor != null) {
        editor.finish();
      }
    }
  }

  @Override
  public FormatInfo info() throws IOException {
    return ImageFacts.of(file, header);
  }

  @Override
  public VerifyReport verify(JobContext job) throws IOException {
    flush();
    return new Verification(file, header, job).run();
  }

  @Override
  public VerifyReport repair(RepairScope what, JobContext job) throws IOException {
    if (!writable || editor != null) {
      throw new IllegalStateException("repair needs an image just opened for writing");
    }
    return new Repair(file, header, job).run(what);
  }

  @Override
  public void empty() throws IOException {
    begun().empty();
  }

  @Override
  public Optional<DirtyBitmaps> bitmaps() {
    return Optional.of(new Qcow2Bitmaps(file, header, () -> Optional.ofNullable(editor)));
  }

  @Override
  public Optional<InternalSnapshots> snapshots() {
    return Optional.of(new Qcow2Snapshots());
  }

  /// The snapshots of this image.
  private final class Qcow2Snapshots implements InternalSnapshots {
    @Override
    public List<FormatInfo.Snapshot> list() throws IOException {
      return ImageFacts.snapshots(file, header);
    }

    @Override
    public FormatInfo.Snapshot create(String name) throws IOException {
      return new SnapshotEditor(begun().image()).create(name);
    }

    @Override
    public FormatInfo.Snapshot apply(String idOrName) throws IOException {
      return new SnapshotEditor(begun().image()).apply(idOrName);
    }

    @Override
    public FormatInfo.Snapshot delete(String idOrName) throws IOException {
      return new SnapshotEditor(begun().image()).delete(idOrName);
    }
  }

  @Override
  public void amend(Map<String, String> options, JobContext job) throws IOException {
    if (!writable || editor != null) {
      throw new IllegalStateException("amending needs an image just opened for writing");
    }
    Amendment.run(file, guest, options, job);
  }

  @Override
  public void changeBacking(Optional<BackingReference> backing) throws IOException {
    if (backing.isPresent() && header.rawDataFile()) {
      throw new UnsupportedFeatureException(
          file.name() + ": with a raw external data file there is no backing image");
    }
    editor().flush();
    if (!header.setBacking(backing)) {
      throw new LimitExceededException(
          "%s: the backing image's name does not fit into the header's cluster of %d bytes"
              .formatted(file.name(), geometry.clusterSize()));
    }
  }

  @Override
  public Optional<PassphraseSlots> passphraseSlots() {
    return guest.passphraseSlots();
  }
}
