package io.calco.fs.xfs;

import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.BigEndian;
import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileStatus;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.FileType;
import io.calco.fs.GuestNames;
import io.calco.fs.NodeFileSystem;
import io.calco.fs.xfs.DirectoryFormat.Item;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// An opened XFS.
final class XfsFileSystem extends NodeFileSystem<Inode> {
  private final Volume volume;
  private final boolean clean;
  private final Mappings mappings;
  private final Optional<Transaction> transaction;
  private @Nullable Inode root;
  private boolean broken;
  private boolean closed;

  /// @param clean the log has nothing to replay
  /// @param log where changes go; none when it is open for reading only
  XfsFileSystem(Volume volume, boolean clean, Optional<LogWriter> log) {
    super("xfs");
    this.volume = volume;
    this.clean = clean;
    this.mappings = new Mappings(volume);
    this.transaction = log.map(writer -> new Transaction(volume, writer));
  }

  @Override
  public boolean writable() {
    return transaction.isPresent();
  }

  @FunctionalInterface
  private interface Change {
    void make(Writer writer) throws IOException;
  }

  private Transaction writing() throws IOException {
    if (closed) {
      throw new IllegalStateException("file system is closed");
    }
    if (broken) {
      // What is in memory and what is on the disk may differ: only a new opening can tell.
      throw new IOException("xfs file system: no more changes after a failed write to the disk");
    }
    return transaction.orElseThrow(
        () -> new UnsupportedFeatureException("xfs file system: open for reading only"));
  }

  /// Makes a change whole or not at all. What was freed is committed and used when nothing else is
  /// left.
  private void change(Change change) throws IOException {
    Transaction running = writing();
    try {
      attempt(change);
    } catch (Space.NoSpaceException e) {
      if (!volume.space.hasFreed()) {
        throw e.asLimit();
      }
      commit();
      try {
        attempt(change);
      } catch (Space.NoSpaceException again) {
        throw again.asLimit();
      }
    }
    if (running.isDue()) {
      commit();
    }
  }

  private void attempt(Change change) throws IOException {
    forgetFiles();
    volume.begin();
    boolean done = false;
    try {
      change.make(new Writer(volume));
      volume.end();
      done = true;
    } finally {
      if (!done) {
        volume.rollback();
      }
      forgetFiles();
    }
  }

  private void forgetFiles() {
    forget();
    mappings.forget();
    root = null;
  }

  private void commit() throws IOException {
    Transaction running = writing();
    broken = true;
    running.commit();
    broken = false;
  }

  private Writer.Target target(String path) throws IOException {
    List<String> names = names(path);
    if (names.isEmpty()) {
      throw new FileSystemException(path, null, "the root directory");
    }
    String parent = "/" + String.join("/", names.subList(0, names.size() - 1));
    Optional<Inode> directory = node(parent);
    if (directory.isEmpty() || !directory.get().isDirectory()) {
      throw new NoSuchFileException(path);
    }
    return new Writer.Target("/" + String.join("/", names), directory.get(), names.getLast());
  }

  @Override
  public void write(String path, byte[] content, FileAttributes attributes) throws IOException {
    change(writer -> writer.write(target(path), content, attributes));
  }

  @Override
  public void createDirectory(String path, FileAttributes attributes) throws IOException {
    change(writer -> writer.createDirectory(target(path), attributes));
  }

  @Override
  public void createLink(String path, String to, FileAttributes attributes) throws IOException {
    byte[] bytes = GuestNames.encode(to);
    if (bytes.length == 0 || bytes.length >= FileData.MAX_TARGET) {
      throw new FileSystemException(path, null, "a link to a name of " + bytes.length + " bytes");
    }
    change(writer -> writer.createLink(target(path), bytes, attributes));
  }

  @Override
  public void delete(String path) throws IOException {
    change(writer -> writer.delete(target(path)));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    change(writer -> {
      Writer.Target source = target(from);
      Writer.Target target = target(to);
      boolean same = source.directory().number() == target.directory().number();
      writer.rename(
          source,
          same ? new Writer.Target(target.path(), source.directory(), target.name()) : target);
    });
  }

  @Override
  public void setAttributes(String path, FileAttributes attributes) throws IOException {
    change(writer -> writer.setAttributes(require(path), attributes));
  }

  @Override
  public void setExtendedAttribute(String path, String name, Optional<byte[]> value)
      throws IOException {
    AttributeName attribute = AttributeName.of(name);
    if (value.isPresent() && value.get().length > Attributes.MAX_VALUE) {
      throw new IllegalArgumentException("a value of " + value.get().length + " bytes");
    }
    change(writer -> writer.setExtendedAttribute(require(path), attribute, value));
  }

  @Override
  public void truncate(String path, long length) throws IOException {
    if (length < 0) {
      throw new IllegalArgumentException("length " + length);
    }
    change(writer -> writer.truncate(path, require(path), length));
  }

  @Override
  public long trim() throws IOException {
    commit();
    long wiped = new FreeSpaceWiper(volume).wipe();
    writing().log().wipe();
    volume.blocks.disk().sync();
    return wiped;
  }

  @Override
  public Optional<String> uuidFrom(UUID uuid) {
    checkOpen();
    return volume.geometry.features.v5() ? Optional.of(uuid.toString()) : Optional.empty();
  }

  @Override
  public void setUuid(UUID uuid) throws IOException {
    commit();
    broken = true;
    new Identity(volume).set(uuid, transaction.orElseThrow().log());
    broken = false;
  }

  @Override
  public void sync() throws IOException {
    if (writable()) {
      commit();
    }
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    try {
      if (writable() && !broken) {
        commit();
      }
    } finally {
      closed = true;
      super.close();
    }
  }

  /// The extents of the files read last.
  private static final class Mappings {
    private static final int KEPT = 64;
    private static final int MAX_KEPT_EXTENTS = 4096; // larger ones stand alone
    private final Volume volume;
    private final SequencedMap<Long, ExtentList> kept = new LinkedHashMap<>(16, 0.75f, true);

    Mappings(Volume volume) {
      this.volume = volume;
    }

    ExtentList of(Inode inode) throws IOException {
      ExtentList extents = kept.get(inode.number());
      if (extents == null) {
        extents = Fork.data(volume, inode).extents();
        if (extents.all().size() > MAX_KEPT_EXTENTS) {
          kept.clear();
        } else if (kept.size() >= KEPT) {
          kept.pollFirstEntry();
        }
        kept.put(inode.number(), extents);
      }
      return extents;
    }

    void forget() {
      kept.clear();
    }
  }

  @Override
  protected Inode root() throws IOException {
    Inode known = root;
    if (known == null) {
      known = volume.inodes.read(volume.geometry.rootInode);
      root = known;
    }
    return known;
  }

  @Override
  protected FileStatus status(Inode file) {
    return file.status(volume.geometry.blockBits);
  }

  @Override
  protected Optional<Inode> child(Inode directory, String name) throws IOException {
    Item item = volume.directories.entries(directory).get(name);
    return item == null ? Optional.empty() : Optional.of(volume.inodes.read(item.inode()));
  }

  @Override
  protected List<DirectoryEntry> entries(Inode directory) throws IOException {
    List<DirectoryEntry> entries = new ArrayList<>();
    for (Item item : volume.directories.entries(directory).values()) {
      FileType type = DirectoryFormat.fileType(item.type());
      if (type == FileType.UNKNOWN) {
        type = volume.inodes.read(item.inode()).type();
      }
      entries.add(new DirectoryEntry(item.name(), item.inode(), type));
    }
    return entries;
  }

  @Override
  protected int readAt(Inode file, long offset, MemorySegment dst) throws IOException {
    if (offset < 0) {
      throw new IllegalArgumentException("offset " + offset);
    }
    return FileData.read(volume, file, mappings.of(file), offset, dst);
  }

  @Override
  protected String target(Inode link) throws IOException {
    return GuestNames.decode(FileData.target(volume, link));
  }

  @Override
  protected SequencedMap<String, byte[]> attributesOf(Inode file) throws IOException {
    SequencedMap<String, byte[]> values = new LinkedHashMap<>();
    Attributes.read(volume, file)
        .forEach((name, value) -> values.put(name.text(), name.toKernel(value)));
    return values;
  }

  @Override
  public FileSystemFacts facts() throws IOException {
    byte[] sb = volume.groupHeader(0, 0);
    int end = 108;
    while (end < 120 && sb[end] != 0) {
      end++;
    }
    int bits = volume.geometry.blockBits;
    long free = Math.clamp(BigEndian.s64(sb, 144), 0, volume.geometry.blocks);
    return new FileSystemFacts(
        "xfs",
        Optional.of(uuidText(java.util.Arrays.copyOfRange(sb, 32, 48))),
        end == 108
            ? Optional.empty()
            : Optional.of(new String(sb, 108, end - 108, StandardCharsets.UTF_8)),
        volume.geometry.blocks << bits,
        free << bits,
        volume.geometry.blockSize(),
        clean);
  }

  private static String uuidText(byte[] uuid) {
    String hex = HexFormat.of().formatHex(uuid);
    return String.join(
        "-",
        hex.substring(0, 8),
        hex.substring(8, 12),
        hex.substring(12, 16),
        hex.substring(16, 20),
        hex.substring(20));
  }

  @Override
  public void usedRuns(RunConsumer run) throws IOException {
    SpaceMap.used(volume, run);
  }
}
