package io.calco.fs.btrfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.Crc32c;
import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileStatus;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.FileType;
import io.calco.fs.GuestNames;
import io.calco.fs.NodeFileSystem;
import io.calco.fs.SubvolumeFileSystem;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// An opened btrfs, with one of its subvolumes as its root; the others are directories where they
/// are in it, as the kernel shows them.
final class BtrfsFileSystem extends NodeFileSystem<Inode> implements SubvolumeFileSystem {
  private static final int NAME_MAX = 255;
  private static final int MAX_LISTED = 1 << 21; // ours: entries in a listing
  private static final int MAX_ATTRIBUTES = 1 << 16; // ours
  private static final int MAX_TARGET = 4096; // the kernel's PATH_MAX
  private static final int HASH_START = ~1;

  private final Volume volume;
  private final Extents extents;
  private final Subvolumes subvolumes;
  private final SubvolumeTree shown;
  private final Inode root;

  private BtrfsFileSystem(Volume volume, Extents extents, SubvolumeTree shown) throws IOException {
    super("btrfs");
    this.volume = volume;
    this.extents = extents;
    this.subvolumes = new Subvolumes(volume);
    this.shown = shown;
    this.root = rootOf(shown);
    if (root.status().type() != FileType.DIRECTORY) {
      throw new CorruptImageException(
          "btrfs file system: subvolume %d: its root is no directory".formatted(shown.id()));
    }
  }

  /// Shows the file system's default subvolume.
  static BtrfsFileSystem open(Volume volume) throws IOException {
    long id = volume.defaultSubvolume();
    SubvolumeTree shown =
        volume
            .findSubvolume(id)
            .orElseThrow(() ->
                new CorruptImageException(
                    "btrfs file system: its default subvolume %d is missing".formatted(id)));
    Extents extents = new Extents(volume.nodes, volume.superblock.sectorSize());
    return new BtrfsFileSystem(volume, extents, shown);
  }

  @Override
  public List<Subvolume> subvolumes() throws IOException {
    return subvolumes.all();
  }

  @Override
  public long shownSubvolume() {
    return shown.id();
  }

  @Override
  public BtrfsFileSystem openSubvolume(long id) throws IOException {
    SubvolumeTree other =
        volume
            .findSubvolume(id)
            .orElseThrow(() -> new NoSuchFileException("btrfs subvolume " + id));
    return new BtrfsFileSystem(volume, extents, other);
  }

  @Override
  public FileSystemFacts facts() throws IOException {
    Superblock superblock = volume.superblock;
    return new FileSystemFacts(
        "btrfs",
        Optional.of(superblock.fsid().toString()),
        superblock.label(),
        superblock.deviceSize(),
        new UsedSpace(volume).free(),
        superblock.sectorSize(),
        superblock.logTree().isEmpty());
  }

  /// The number that a file is known by outside: in the subvolume shown its own; in others with
  /// bits of the subvolume's number from the top down, so that no two files have the same one while
  /// both numbers together have no more than 63 bits.
  private long identity(long subvolume, long number) {
    return number ^ Long.reverse(subvolume ^ shown.id()) >>> 1;
  }

  private Optional<Inode> inode(SubvolumeTree subvolume, long number) throws IOException {
    Cursor item = subvolume.tree().upTo(number, Keys.INODE_ITEM, 0);
    return item.is(number, Keys.INODE_ITEM)
        ? Optional.of(Inode.of(subvolume, item, identity(subvolume.id(), number)))
        : Optional.empty();
  }

  private Inode rootOf(SubvolumeTree subvolume) throws IOException {
    return inode(subvolume, subvolume.directory()).orElseThrow(() -> missing(subvolume, "root"));
  }

  private static CorruptImageException missing(SubvolumeTree subvolume, String name) {
    return new CorruptImageException(
        "btrfs file system: subvolume %d: %s has no inode".formatted(subvolume.id(), name));
  }

  @Override
  protected Inode root() {
    return root;
  }

  @Override
  protected FileStatus status(Inode file) {
    return file.status();
  }

  @Override
  protected Optional<Inode> child(Inode directory, String name) throws IOException {
    byte[] bytes = GuestNames.encode(name);
    if (bytes.length > NAME_MAX) {
      return Optional.empty();
    }
    long hash = Integer.toUnsignedLong(Crc32c.update(HASH_START, bytes));
    Cursor item = directory.subvolume().tree().upTo(directory.number(), Keys.DIR_ITEM, hash);
    if (item.is(directory.number(), Keys.DIR_ITEM) && item.offset() == hash) {
      for (NamedItem entry : NamedItem.all(item)) {
        if (entry.hasName(bytes)) {
          return Optional.of(target(directory, entry, name));
        }
      }
    }
    return Optional.empty();
  }

  private Inode target(Inode directory, NamedItem entry, String name) throws IOException {
    if (!entry.isSubvolume()) {
      return inode(directory.subvolume(), entry.objectid())
          .orElseThrow(() -> missing(directory.subvolume(), name));
    }
    Optional<SubvolumeTree> mounted = mounted(directory, entry, name);
    return mounted.isPresent()
        ? rootOf(mounted.get())
        : Inode.emptyDirectory(directory, identity(entry.objectid(), Inode.EMPTY_DIRECTORY));
  }

  /// The subvolume that an entry of a directory means, if it is there.
  private Optional<SubvolumeTree> mounted(Inode directory, NamedItem entry, String name)
      throws IOException {
    long id = entry.objectid();
    return volume.isMountedAt(directory.subvolume().id(), id, directory.number(), name)
        ? volume.findSubvolume(id)
        : Optional.empty();
  }

  @Override
  protected List<DirectoryEntry> entries(Inode directory) throws IOException {
    List<DirectoryEntry> entries = new ArrayList<>();
    Tree tree = directory.subvolume().tree();
    Cursor item = tree.from(directory.number(), Keys.DIR_INDEX, 0);
    for (; item.is(directory.number(), Keys.DIR_INDEX); item.next()) {
      for (NamedItem entry : NamedItem.all(item)) {
        if (entries.size() >= MAX_LISTED) {
          throw new LimitExceededException(
              "btrfs file system: a directory of more than %d entries (our limit)"
                  .formatted(MAX_LISTED));
        }
        entries.add(entry(directory, entry, item));
      }
    }
    return entries;
  }

  private DirectoryEntry entry(Inode directory, NamedItem entry, Cursor item) throws IOException {
    String name = entry.name();
    boolean special = name.isEmpty() || name.equals(".") || name.equals("..");
    if (special || name.indexOf('/') >= 0 || name.indexOf(0) >= 0) {
      throw item.corrupt("the name '%s'".formatted(name), "a file's name");
    }
    if (!entry.isSubvolume()) {
      long number = identity(directory.subvolume().id(), entry.objectid());
      return new DirectoryEntry(name, number, entry.type());
    }
    long number =
        mounted(directory, entry, name).map(SubvolumeTree::directory).orElse(Inode.EMPTY_DIRECTORY);
    return new DirectoryEntry(name, identity(entry.objectid(), number), FileType.DIRECTORY);
  }

  @Override
  protected int readAt(Inode file, long offset, MemorySegment dst) throws IOException {
    return extents.read(file, offset, dst);
  }

  @Override
  protected String target(Inode link) throws IOException {
    if (link.status().size() > MAX_TARGET) {
      throw new CorruptImageException(
          "btrfs file system: inode %d: a link to a path of %d bytes, at most %d can be"
              .formatted(link.number(), link.status().size(), MAX_TARGET));
    }
    byte[] target = new byte[(int) link.status().size()];
    extents.read(link, 0, MemorySegment.ofArray(target));
    return GuestNames.decode(target);
  }

  @Override
  protected SequencedMap<String, byte[]> attributesOf(Inode file) throws IOException {
    SequencedMap<String, byte[]> attributes = new LinkedHashMap<>();
    Cursor item = file.subvolume().tree().from(file.number(), Keys.XATTR_ITEM, 0);
    for (; item.is(file.number(), Keys.XATTR_ITEM); item.next()) {
      for (NamedItem attribute : NamedItem.all(item)) {
        if (attributes.size() >= MAX_ATTRIBUTES) {
          throw new LimitExceededException(
              "btrfs file system: more than %d extended attributes of a file (our limit)"
                  .formatted(MAX_ATTRIBUTES));
        }
        attributes.put(attribute.name(), attribute.value());
      }
    }
    return attributes;
  }

  @Override
  public void usedRuns(RunConsumer run) throws IOException {
    new UsedSpace(volume).runs(run);
  }

  /// What is not in its place yet is in the log trees, which count.
  @Override
  public boolean tellsAll() {
    return true;
  }
}
