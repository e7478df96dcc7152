package io.calco.fs.fat;

import io.calco.disk.Disk;
import io.calco.disk.Extent;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.ZeroMode;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileStatus;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.NodeFileSystem;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/// An opened FAT file system. Changes are made in memory by [FileChanges] and brought to the disk
/// by [Commit].
final class FatFileSystem extends NodeFileSystem<FatNode> {
  private static final String NO_LABEL = "NO NAME";

  private final Volume volume;
  private final boolean writable;
  private final Commit commit;
  private final FatNode root;
  private boolean broken;
  private boolean closed;

  FatFileSystem(Volume volume, boolean writable) throws IOException {
    super("FAT");
    this.volume = volume;
    this.writable = writable;
    this.commit = new Commit(volume, volume.isMarkedClean());
    this.root = new FatNode(FatEntry.root(volume.geometry().rootCluster()), Optional.empty());
    volume.clusters().startAt(FsInfo.next(volume.disk(), volume.geometry()));
  }

  @Override
  protected FatNode root() {
    return root;
  }

  private Directory directory(FatNode node) throws IOException {
    return volume.directory(node.entry().firstCluster());
  }

  @Override
  protected Optional<FatNode> child(FatNode directory, String name) throws IOException {
    Optional<FatEntry> found = directory(directory).find(name);
    if (found.isPresent()) {
      FileChanges.requireTree(directory, found.get());
    }
    return found.map(entry -> new FatNode(entry, Optional.of(directory)));
  }

  @Override
  protected List<DirectoryEntry> entries(FatNode directory) throws IOException {
    List<DirectoryEntry> entries = new ArrayList<>();
    for (FatEntry entry : directory(directory).entries()) {
      entries.add(new DirectoryEntry(entry.name(), entry.inode(), entry.type()));
    }
    return entries;
  }

  @Override
  protected FileStatus status(FatNode node) throws IOException {
    FatEntry entry = node.entry();
    boolean readOnly = !entry.isDirectory() && (entry.attributes() & FatEntry.READ_ONLY) != 0;
    long size = entry.size();
    long allocated = volume.geometry().clustersFor(size) * volume.geometry().clusterBytes();
    int links = 1;
    if (entry.isDirectory()) {
      Directory directory = directory(node);
      size = directory.bytes();
      allocated = size;
      links = 2 + (int) directory.entries().stream().filter(FatEntry::isDirectory).count();
    }
    return new FileStatus(
        entry.inode(),
        entry.type(),
        size,
        readOnly ? 0555 : 0755,
        0,
        0,
        links,
        entry.isRoot() ? java.time.Instant.EPOCH : DosTime.decode(entry.modified()),
        allocated);
  }

  @Override
  protected int readAt(FatNode file, long offset, MemorySegment dst) throws IOException {
    if (offset < 0) {
      throw new IllegalArgumentException("offset " + offset);
    }
    FatEntry entry = file.entry();
    long length = Math.min(dst.byteSize(), entry.size() - offset);
    if (length <= 0) {
      return 0;
    }
    volume.clusters().read(entry.firstCluster(), offset, dst.asSlice(0, length));
    return (int) length;
  }

  @Override
  protected String target(FatNode link) {
    throw new IllegalStateException("FAT has no links");
  }

  @Override
  public FileSystemFacts facts() throws IOException {
    requireOpen();
    Geometry geometry = volume.geometry();
    byte[] boot = volume.disk().readBytes(0, Geometry.BOOT_BYTES);
    Optional<String> label = volume.root().label().filter(text -> !text.isEmpty());
    Optional<String> serial = Optional.empty();
    if (volume.hasSerial(boot)) {
      int number = LittleEndian.s32(boot, geometry.serialOffset());
      serial = Optional.of("%04X-%04X".formatted(number >>> 16, number & 0xFFFF));
      if (label.isEmpty() && LittleEndian.u8(boot, geometry.signatureOffset()) == 0x29) {
        String text = ShortName.label(boot, geometry.serialOffset() + 4);
        label = Optional.of(text).filter(t -> !t.isEmpty() && !t.equals(NO_LABEL));
      }
    }
    return new FileSystemFacts(
        "vfat",
        serial,
        label,
        geometry.size(),
        volume.table().countFree() * geometry.clusterBytes(),
        geometry.clusterBytes(),
        volume.isMarkedClean());
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("file system is closed");
    }
  }

  private void requireWritable() throws IOException {
    requireOpen();
    if (!writable) {
      throw new UnsupportedFeatureException("FAT file system: open for reading only");
    }
    if (broken) {
      throw new IOException("FAT file system: no more changes after a failed write to the disk");
    }
  }

  @Override
  public boolean writable() {
    return writable;
  }

  @FunctionalInterface
  private interface Change {
    void make(FileChanges changes) throws IOException;
  }

  /// Makes a change. What was freed before is used when nothing else is left.
  private void change(Change change) throws IOException {
    requireWritable();
    forget();
    try {
      change.make(changes());
    } catch (NoSpaceException _) {
      commit();
      try {
        change.make(changes());
      } catch (NoSpaceException again) {
        throw again.asLimit();
      }
    } finally {
      forget();
      volume.clusters().forget();
    }
    if (commit.isDue()) {
      commit();
    }
  }

  private FileChanges changes() {
    return new FileChanges(volume, path -> node(path));
  }

  private void commit() throws IOException {
    broken = true;
    commit.run();
    broken = false;
  }

  @Override
  public void write(String path, byte[] content, FileAttributes attributes) throws IOException {
    change(changes -> changes.write(path, content, attributes));
  }

  @Override
  public void createDirectory(String path, FileAttributes attributes) throws IOException {
    change(changes -> changes.createDirectory(path, attributes));
  }

  @Override
  public void createLink(String path, String target, FileAttributes attributes) throws IOException {
    throw new UnsupportedFeatureException("FAT file system: it has no symbolic links");
  }

  @Override
  public void setExtendedAttribute(String path, String name, Optional<byte[]> value)
      throws IOException {
    throw new UnsupportedFeatureException("FAT file system: it has no extended attributes");
  }

  @Override
  public void delete(String path) throws IOException {
    change(changes -> changes.delete(path));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    change(changes -> changes.rename(from, to));
  }

  @Override
  public void setAttributes(String path, FileAttributes attributes) throws IOException {
    change(changes -> changes.setAttributes(path, attributes));
  }

  @Override
  public void truncate(String path, long length) throws IOException {
    if (length < 0) {
      throw new IllegalArgumentException("length " + length);
    }
    if (length > FileChanges.MAX_SIZE) {
      throw new LimitExceededException(
          "FAT file system: %s: a file has at most %d bytes".formatted(path, FileChanges.MAX_SIZE));
    }
    change(changes -> changes.truncate(path, length));
  }

  @Override
  public void usedRuns(RunConsumer run) throws IOException {
    requireOpen();
    Geometry geometry = volume.geometry();
    FatTable table = volume.table();
    long start = 0;
    long end = geometry.dataOffset();
    int last = geometry.lastCluster();
    for (int at = table.nextUsed(2); at <= last; ) {
      int to = table.nextFree(at);
      long from = geometry.offset(at);
      if (from > end) {
        run.accept(start, end - start);
        start = from;
      }
      end = geometry.offset(to);
      at = table.nextUsed(to);
    }
    run.accept(start, end - start);
  }

  /// The table is all there is.
  @Override
  public boolean tellsAll() {
    return true;
  }

  @Override
  public long trim() throws IOException {
    requireWritable();
    commit();
    Geometry geometry = volume.geometry();
    long wiped = 0;
    for (int at = volume.table().nextFree(2); at <= geometry.lastCluster(); ) {
      int to = volume.table().nextUsed(at);
      wiped += wipe(geometry.offset(at), geometry.offset(to) - geometry.offset(at));
      at = volume.table().nextFree(to);
    }
    volume.disk().sync();
    return wiped;
  }

  private long wipe(long offset, long length) throws IOException {
    Disk disk = volume.disk();
    long wiped = 0;
    for (long at = offset; at < offset + length; ) {
      Extent extent = disk.extentAt(at, offset + length - at);
      if (extent.allocated() && !extent.readsZero()) {
        disk.writeZeroes(at, extent.length(), ZeroMode.MAY_UNMAP);
        wiped += extent.length();
      }
      at = extent.end();
    }
    return wiped;
  }

  @Override
  public void growToDisk() throws IOException {
    throw new UnsupportedFeatureException(
        "FAT file system: it cannot grow; fatresize in the running machine can");
  }

  @Override
  public Optional<String> uuidFrom(UUID uuid) throws IOException {
    requireOpen();
    if (!volume.hasSerial(volume.disk().readBytes(0, Geometry.BOOT_BYTES))) {
      return Optional.empty();
    }
    String serial = uuid.toString().substring(0, 8).toUpperCase(Locale.ROOT);
    return Optional.of(serial.substring(0, 4) + "-" + serial.substring(4));
  }

  @Override
  public void setUuid(UUID uuid) throws IOException {
    requireWritable();
    commit();
    Geometry geometry = volume.geometry();
    byte[] boot = volume.disk().readBytes(0, Geometry.BOOT_BYTES);
    if (!volume.hasSerial(boot)) {
      throw new UnsupportedFeatureException("FAT file system: it has no serial number");
    }
    int serial = (int) (uuid.getMostSignificantBits() >>> 32);
    LittleEndian.put32(boot, geometry.serialOffset(), serial);
    if (geometry.backupOffset() != 0) {
      byte[] backup = volume.disk().readBytes(geometry.backupOffset(), Geometry.BOOT_BYTES);
      if (Geometry.probe(backup) && volume.hasSerial(backup)) {
        LittleEndian.put32(backup, geometry.serialOffset(), serial);
        volume.disk().writeBytes(geometry.backupOffset(), backup);
      }
    }
    volume.disk().writeBytes(0, boot);
    volume.disk().sync();
  }

  @Override
  public void sync() throws IOException {
    requireOpen();
    if (writable) {
      requireWritable();
      commit();
    }
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    try {
      if (writable && !broken) {
        commit();
      }
    } finally {
      closed = true;
      super.close();
    }
  }
}
