package io.calco.fs.ext;

import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileStatus;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.FileType;
import io.calco.fs.GuestNames;
import io.calco.fs.NodeFileSystem;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.UUID;

/// An opened ext2, ext3 or ext4. Every change is made in memory, undone there when it fails, and
/// brought to the disk by [Transaction]s.
final class ExtFileSystem extends NodeFileSystem<Inode> {
  /// Entries that [#list] gives at once, ours.
  private static final int MAX_LISTED = 1 << 21;

  /// Names of a directory below which its link count counts its subdirectories.
  private static final int MAX_LINKS = 65000;

  private final boolean writable;
  private Volume volume;
  private Transaction transaction;
  private boolean broken;

  ExtFileSystem(Volume volume, Optional<Journal> journal, boolean writable) {
    super("ext");
    this.volume = volume;
    this.transaction = new Transaction(volume, journal);
    this.writable = writable;
  }

  @FunctionalInterface
  private interface Change {
    void make() throws IOException;
  }

  /// Makes a change whole or not at all. What the running transaction freed is committed and used
  /// when nothing else is left.
  private void change(Change change) throws IOException {
    checkWritable();
    try {
      attempt(change);
    } catch (NoSpaceException e) {
      if (!volume.allocator.hasFreed()) {
        throw e.asLimit();
      }
      commit();
      try {
        attempt(change);
      } catch (NoSpaceException again) {
        throw again.asLimit();
      }
    }
    if (transaction.isDue()) {
      commit();
    }
  }

  private void attempt(Change change) throws IOException {
    volume.begin();
    boolean done = false;
    try {
      change.make();
      volume.end();
      done = true;
    } finally {
      if (!done) {
        volume.rollback();
      }
      forget();
    }
  }

  private void commit() throws IOException {
    broken = true;
    transaction.commit();
    broken = false;
  }

  private void checkWritable() throws IOException {
    checkOpen();
    if (!writable) {
      throw new UnsupportedFeatureException("ext file system: open for reading only");
    }
    if (broken) {
      // What is in memory and what is on the disk may differ: only a new opening can tell.
      throw new IOException("ext file system: no more changes after a failed write to the disk");
    }
  }

  private Paths paths() {
    checkOpen();
    return new Paths(volume);
  }

  void processOrphans() throws IOException {
    Orphans orphans = new Orphans(volume);
    if (orphans.isNeeded()) {
      change(orphans::process);
    }
  }

  @Override
  public FileSystemFacts facts() throws IOException {
    checkOpen();
    Superblock sb = volume.superblock;
    byte[] uuid = sb.bytes(0x68, 16);
    byte[] label = sb.bytes(0x78, 16);
    int end = 0;
    while (end < label.length && label[end] != 0) {
      end++;
    }
    boolean clean =
        (sb.u16(Superblock.STATE) & (Superblock.STATE_VALID | Superblock.STATE_ERROR))
                == Superblock.STATE_VALID
            && (sb.u32(Superblock.INCOMPAT) & Features.INCOMPAT_RECOVER) == 0;
    int bits = volume.geometry.blockBits();
    return new FileSystemFacts(
        volume.geometry.features().typeName(),
        allZero(uuid) ? Optional.empty() : Optional.of(uuidText(uuid)),
        end == 0
            ? Optional.empty()
            : Optional.of(new String(label, 0, end, StandardCharsets.UTF_8)),
        volume.geometry.blocksCount() << bits,
        sb.freeBlocks() << bits,
        volume.geometry.blockSize(),
        clean);
  }

  private static boolean allZero(byte[] bytes) {
    for (byte value : bytes) {
      if (value != 0) {
        return false;
      }
    }
    return true;
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
  public boolean writable() {
    return writable;
  }

  @Override
  protected Inode root() throws IOException {
    return volume.inodes.read(Inode.ROOT);
  }

  @Override
  protected FileStatus status(Inode inode) {
    return inode.status(volume.geometry);
  }

  @Override
  protected Optional<Inode> child(Inode directory, String name) throws IOException {
    OptionalLong number = new Directory(volume, directory).find(Paths.encoded(name));
    return number.isPresent()
        ? Optional.of(volume.inodes.read(number.getAsLong()))
        : Optional.empty();
  }

  @Override
  protected List<DirectoryEntry> entries(Inode directory) throws IOException {
    List<DirectoryEntry> entries = new ArrayList<>();
    boolean types = volume.incompat(Features.INCOMPAT_FILETYPE);
    new Directory(volume, directory)
        .forEach((at, number, name, type) -> {
          if (entries.size() == MAX_LISTED) {
            throw new LimitExceededException(
                "ext file system: inode %d: more than %d entries"
                    .formatted(directory.number(), MAX_LISTED));
          }
          boolean known = types && type != FileType.UNKNOWN;
          FileType kind = known ? type : volume.inodes.read(number).type();
          entries.add(new DirectoryEntry(GuestNames.decode(name), number, kind));
          return true;
        });
    return entries;
  }

  @Override
  protected int readAt(Inode file, long offset, MemorySegment dst) throws IOException {
    return new FileData(volume, file).read(offset, dst);
  }

  @Override
  protected String target(Inode link) throws IOException {
    return GuestNames.decode(new FileData(volume, link).readTarget());
  }

  @Override
  protected SequencedMap<String, byte[]> attributesOf(Inode file) throws IOException {
    return new ExtendedAttributes(volume, file).all();
  }

  private static void requireWritable(String path, Inode inode) throws IOException {
    if (!inode.isRegular()) {
      throw new FileSystemException(path, null, "not a regular file");
    }
    if (inode.hasFlag(Inode.FLAG_VERITY)) {
      throw new UnsupportedFeatureException(
          "ext file system: " + path + ": a file sealed by fs-verity can only be deleted");
    }
  }

  @Override
  public void write(String path, byte[] content, FileAttributes attributes) throws IOException {
    change(() -> {
      Paths.Target target = paths().target(path);
      Optional<Inode> old = target.find(volume);
      if (old.isPresent()) {
        requireWritable(path, old.get());
        store(old.get(), content, attributes);
      } else {
        Inode inode = newFile(target, FileType.REGULAR);
        store(inode, content, attributes);
        target.directory().insert(target.name(), inode.number(), FileType.REGULAR);
      }
    });
  }

  private Inode newFile(Paths.Target target, FileType type) throws IOException {
    Inode inode = volume.inodeAllocator.allocateFile(target.directory().inode());
    inode.putMode(type == FileType.REGULAR ? 0x8000 : 0xA000);
    inode.putLinks(1);
    inode.putCreated(volume.now());
    return inode;
  }

  private void store(Inode inode, byte[] content, FileAttributes attributes) throws IOException {
    inode.putAttributes(attributes);
    new FileData(volume, inode).replace(content);
    volume.inodes.write(inode);
  }

  @Override
  public void createDirectory(String path, FileAttributes attributes) throws IOException {
    change(() -> {
      Paths.Target target = paths().target(path);
      requireAbsent(path, target);
      Inode parent = target.directory().inode();
      Inode inode = volume.inodeAllocator.allocateDirectory(parent);
      inode.putMode(0x4000);
      inode.putLinks(2);
      inode.putCreated(volume.now());
      new Directory(volume, inode).initialise(parent.number());
      inode.putAttributes(attributes);
      volume.inodes.write(inode);
      addLink(path, parent);
      target.directory().insert(target.name(), inode.number(), FileType.DIRECTORY);
    });
  }

  private void requireAbsent(String path, Paths.Target target) throws IOException {
    if (target.directory().find(target.name()).isPresent()) {
      throw new FileAlreadyExistsException(path);
    }
  }

  /// Counts one more subdirectory; the caller stores the inode.
  private void addLink(String path, Inode parent) throws LimitExceededException {
    if (parent.links() == 1) {
      return; // more subdirectories than the field can count
    }
    if (parent.links() >= MAX_LINKS) {
      if (!volume.geometry.features().hasRoCompat(Features.RO_COMPAT_DIR_NLINK)) {
        throw new LimitExceededException(
            "ext file system: %s: a directory cannot have more than %d subdirectories"
                .formatted(path, MAX_LINKS - 2));
      }
      parent.putLinks(1);
    } else {
      parent.putLinks(parent.links() + 1);
    }
  }

  /// Counts one subdirectory less; the caller stores the inode.
  private static void removeLink(Inode parent) {
    if (parent.links() > 2) {
      parent.putLinks(parent.links() - 1);
    }
  }

  @Override
  public void createLink(String path, String target, FileAttributes attributes) throws IOException {
    byte[] bytes = GuestNames.encode(target);
    if (bytes.length == 0 || bytes.length >= Math.min(4096, volume.geometry.blockSize())) {
      throw new FileSystemException(path, null, "a link to a name of " + bytes.length + " bytes");
    }
    change(() -> {
      Paths.Target link = paths().target(path);
      requireAbsent(path, link);
      Inode inode = newFile(link, FileType.SYMBOLIC_LINK);
      inode.putAttributes(attributes);
      new FileData(volume, inode).storeTarget(bytes);
      volume.inodes.write(inode);
      link.directory().insert(link.name(), inode.number(), FileType.SYMBOLIC_LINK);
    });
  }

  @Override
  public void delete(String path) throws IOException {
    change(() -> {
      Paths.Target target = paths().target(path);
      Inode inode = target.find(volume).orElseThrow(() -> new NoSuchFileException(path));
      remove(path, target, inode);
      target.directory().remove(target.name());
    });
  }

  /// Takes away what the name refers to, not the name.
  private void remove(String path, Paths.Target target, Inode inode) throws IOException {
    if (!inode.isDirectory()) {
      new FileRemoval(volume).unlink(inode);
      return;
    }
    if (!new Directory(volume, inode).isEmpty()) {
      throw new DirectoryNotEmptyException(path);
    }
    new FileRemoval(volume).release(inode);
    removeLink(target.directory().inode());
  }

  @Override
  public void rename(String from, String to) throws IOException {
    change(() -> {
      Paths.Target source = paths().target(from);
      Paths.Target target = paths().target(to);
      if (source.directory().inode().number() == target.directory().inode().number()) {
        target = new Paths.Target(source.directory(), target.name());
      }
      Inode inode = source.find(volume).orElseThrow(() -> new NoSuchFileException(from));
      Optional<Inode> old = target.find(volume);
      if (old.isPresent() && old.get().number() == inode.number()) {
        return; // the same file already, as POSIX has it
      }
      move(from, to, source, target, inode, old);
    });
  }

  private void move(
      String from,
      String to,
      Paths.Target source,
      Paths.Target target,
      Inode inode,
      Optional<Inode> old)
      throws IOException {
    Inode fromParent = source.directory().inode();
    Inode toParent = target.directory().inode();
    if (inode.isDirectory() && paths().isWithin(toParent.number(), inode.number())) {
      throw new FileSystemException(from, to, "a directory cannot move into itself");
    }
    if (old.isPresent()) {
      if (old.get().isDirectory() && !inode.isDirectory()) {
        throw new FileSystemException(to, null, "is a directory");
      }
      if (!old.get().isDirectory() && inode.isDirectory()) {
        throw new NotDirectoryException(to);
      }
      remove(to, target, old.get());
      target.directory().replace(target.name(), inode.number(), inode.type());
    } else {
      target.directory().insert(target.name(), inode.number(), inode.type());
    }
    source.directory().remove(source.name());
    if (inode.isDirectory() && fromParent.number() != toParent.number()) {
      new Directory(volume, inode)
          .replace(Directory.DOT_DOT, toParent.number(), FileType.DIRECTORY);
      removeLink(fromParent);
      addLink(to, toParent);
      volume.inodes.write(fromParent);
      volume.inodes.write(toParent);
    }
    Inode moved = volume.inodes.read(inode.number());
    moved.touchChange(volume.now());
    volume.inodes.write(moved);
  }

  @Override
  public void setAttributes(String path, FileAttributes attributes) throws IOException {
    change(() -> {
      Inode inode = paths().get(path);
      inode.putAttributes(attributes);
      volume.inodes.write(inode);
    });
  }

  @Override
  public void setExtendedAttribute(String path, String name, Optional<byte[]> value)
      throws IOException {
    AttributeName attribute = AttributeName.of(name);
    if (attribute.equals(ExtendedAttributes.DATA)) {
      throw new IllegalArgumentException("attribute name " + name + " is the file system's own");
    }
    change(() -> {
      Inode inode = paths().get(path);
      new ExtendedAttributes(volume, inode).put(attribute, value);
      inode.touchChange(volume.now());
      volume.inodes.write(inode);
    });
  }

  @Override
  public void truncate(String path, long length) throws IOException {
    if (length < 0) {
      throw new IllegalArgumentException("length " + length);
    }
    change(() -> {
      Inode inode = paths().get(path);
      requireWritable(path, inode);
      new FileData(volume, inode).truncate(length);
      inode.touch(volume.now());
      volume.inodes.write(inode);
    });
  }

  @Override
  public void usedRuns(RunConsumer run) throws IOException {
    checkOpen();
    new SpaceMap(volume).usedRuns(run);
  }

  /// A journal that needs it was replayed in memory; without one, only an orderly unmount says that
  /// the bitmaps are right.
  @Override
  public boolean tellsAll() throws IOException {
    checkOpen();
    int state = volume.superblock.u16(Superblock.STATE);
    return (state & (Superblock.STATE_VALID | Superblock.STATE_ERROR)) == Superblock.STATE_VALID;
  }

  @Override
  public long trim() throws IOException {
    checkWritable();
    commit();
    return new SpaceMap(volume).trim();
  }

  @Override
  public Optional<String> uuidFrom(UUID uuid) throws IOException {
    checkOpen();
    return Optional.of(UuidChange.fitted(volume, uuid).toString());
  }

  @Override
  public void setUuid(UUID uuid) throws IOException {
    change(() -> UuidChange.make(volume, uuid));
  }

  @Override
  public void growToDisk() throws IOException {
    checkWritable();
    commit();
    Optional<Transaction> growth = new Growth(volume).prepare();
    if (growth.isPresent()) {
      broken = true;
      growth.get().commit();
      volume = Volume.load(volume.blocks.disk());
      transaction = new Transaction(volume, Journal.open(volume));
      broken = false;
    }
  }

  @Override
  public void sync() throws IOException {
    checkOpen();
    if (writable) {
      checkWritable();
      commit();
    }
  }

  @Override
  public void close() throws IOException {
    try {
      if (writable && !broken && !isClosed()) {
        commit();
      }
    } finally {
      super.close();
    }
  }
}
