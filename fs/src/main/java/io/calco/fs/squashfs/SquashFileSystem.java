package io.calco.fs.squashfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileStatus;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.NodeFileSystem;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// An opened squashfs.
final class SquashFileSystem extends NodeFileSystem<SquashFileSystem.Node> {
  private static final int ENTRIES_KEPT = 1 << 17; // ours: of directories that were read
  private static final int PADDING = 4096; // mksquashfs's

  /// A file and the way to it.
  ///
  /// @param inode the file
  /// @param parent the directory it is in; empty for the root
  record Node(Inode inode, Optional<Node> parent) {
    boolean isWithin(long reference) {
      for (Optional<Node> at = Optional.of(this); at.isPresent(); at = at.get().parent) {
        if (at.get().inode.reference() == reference) {
          return true;
        }
      }
      return false;
    }
  }

  private final Disk disk;
  private final Superblock superblock;
  private final Metadata metadata;
  private final FileData data;
  private final Attributes attributes;
  private final int[] owners;
  private final Node root;
  private final LinkedHashMap<Long, Directory> directories = new LinkedHashMap<>(16, 0.75f, true);
  private int kept;

  SquashFileSystem(Disk disk) throws IOException {
    super("squashfs");
    this.disk = disk;
    this.superblock = Superblock.load(disk);
    this.metadata = new Metadata(disk, superblock);
    this.data = new FileData(disk, superblock, metadata);
    this.attributes = new Attributes(disk, superblock, metadata);
    this.owners = new int[superblock.ids()];
    for (int i = 0; i < owners.length; i++) {
      owners[i] = metadata.entry(superblock.idTable(), i, 4).s32();
    }
    Inode inode = Inode.read(metadata, superblock, superblock.rootInode());
    if (!inode.isDirectory()) {
      throw CorruptImageException.at(
          "squashfs", "root inode", superblock.rootInode() >>> 16, inode.type(), "a directory");
    }
    this.root = new Node(inode, Optional.empty());
  }

  @Override
  protected Node root() {
    return root;
  }

  private Directory directory(Node node) throws IOException {
    Directory found = directories.get(node.inode().reference());
    if (found == null) {
      found = Directory.load(metadata, superblock, node.inode());
      directories.put(node.inode().reference(), found);
      kept += found.size();
      var eldest = directories.entrySet().iterator();
      while (kept > ENTRIES_KEPT && directories.size() > 1) {
        kept -= eldest.next().getValue().size();
        eldest.remove();
      }
    }
    return found;
  }

  @Override
  protected Optional<Node> child(Node directory, String name) throws IOException {
    Optional<Long> reference = directory(directory).find(name);
    if (reference.isEmpty()) {
      return Optional.empty();
    }
    Inode inode = Inode.read(metadata, superblock, reference.get());
    if (inode.isDirectory() && directory.isWithin(reference.get())) {
      throw CorruptImageException.at(
          "squashfs",
          "directory entry",
          reference.get() >>> 16,
          "a directory above it",
          "an inode of its own");
    }
    return Optional.of(new Node(inode, Optional.of(directory)));
  }

  @Override
  protected List<DirectoryEntry> entries(Node directory) throws IOException {
    return directory(directory).entries();
  }

  @Override
  protected FileStatus status(Node node) throws CorruptImageException {
    Inode inode = node.inode();
    return new FileStatus(
        inode.number(),
        inode.type(),
        inode.size(),
        inode.permissions(),
        owner(inode, inode.owner()),
        owner(inode, inode.group()),
        inode.links(),
        Instant.ofEpochSecond(inode.modified()),
        inode.size());
  }

  private int owner(Inode inode, int index) throws CorruptImageException {
    if (index >= owners.length) {
      throw CorruptImageException.at(
          "squashfs",
          "inode " + inode.number(),
          inode.reference() >>> 16,
          "owner " + index,
          "one of " + owners.length);
    }
    return owners[index];
  }

  @Override
  protected int readAt(Node file, long offset, MemorySegment dst) throws IOException {
    if (offset < 0) {
      throw new IllegalArgumentException("offset " + offset);
    }
    long length = Math.min(dst.byteSize(), file.inode().size() - offset);
    if (length <= 0) {
      return 0;
    }
    data.read(file.inode(), offset, dst.asSlice(0, length));
    return (int) length;
  }

  @Override
  protected String target(Node link) {
    return link.inode().target();
  }

  @Override
  protected SequencedMap<String, byte[]> attributesOf(Node file) throws IOException {
    return attributes.of(file.inode());
  }

  @Override
  public FileSystemFacts facts() {
    return new FileSystemFacts(
        "squashfs",
        Optional.empty(),
        Optional.empty(),
        superblock.bytesUsed(),
        0,
        superblock.blockBytes(),
        true);
  }

  /// All bytes of the file system, with what fills its last 4 KiB.
  @Override
  public void usedRuns(RunConsumer run) throws IOException {
    long padded = (superblock.bytesUsed() + PADDING - 1) / PADDING * PADDING;
    run.accept(0, Math.min(padded, disk.size()));
  }
}
