package io.calco.guest;

import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileStatus;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.FileType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/// A file system in memory that keeps the contract of [FileSystem] strictly, for tests.
public final class MemoryFileSystem implements FileSystem {
  private static final Instant THEN = Instant.parse("2024-05-06T07:08:09Z");

  private static final class Node {
    final long inode;
    final FileType type;
    byte[] content;
    long size;
    FileAttributes attributes;
    final LinkedHashMap<String, byte[]> extended = new LinkedHashMap<>();

    Node(long inode, FileType type, byte[] content, FileAttributes attributes) {
      this.inode = inode;
      this.type = type;
      this.content = content;
      this.size = content.length;
      this.attributes = attributes;
    }
  }

  private final TreeMap<String, Node> nodes = new TreeMap<>();
  private Optional<String> uuid;
  private long next = 2;
  private int changes;

  /// An empty one.
  public MemoryFileSystem() {
    this("");
  }

  /// One with a UUID.
  public MemoryFileSystem(String uuid) {
    this.uuid = uuid.isEmpty() ? Optional.empty() : Optional.of(uuid);
    nodes.put("/", node(FileType.DIRECTORY, new byte[0], FileAttributes.root(0755, THEN)));
  }

  private Node node(FileType type, byte[] content, FileAttributes attributes) {
    return new Node(next++, type, content, attributes);
  }

  /// Puts a file with its directories.
  public MemoryFileSystem file(String path, String text) {
    return file(path, text, 0644, 0);
  }

  /// Puts a file of a user's.
  public MemoryFileSystem file(String path, String text, int permissions, int uid) {
    put(
        path,
        node(
            FileType.REGULAR,
            text.getBytes(StandardCharsets.UTF_8),
            new FileAttributes(permissions, uid, uid, THEN)));
    return this;
  }

  /// Puts a file of any bytes.
  public MemoryFileSystem bytes(String path, byte[] content) {
    put(path, node(FileType.REGULAR, content.clone(), FileAttributes.root(0644, THEN)));
    return this;
  }

  /// Puts a directory.
  public MemoryFileSystem dir(String path) {
    put(path, node(FileType.DIRECTORY, new byte[0], FileAttributes.root(0755, THEN)));
    return this;
  }

  /// Gives a file to a user.
  public MemoryFileSystem own(String path, int uid) {
    FileAttributes old = get(path).attributes;
    get(path).attributes = new FileAttributes(old.permissions(), uid, uid, THEN);
    return this;
  }

  /// Puts a link.
  public MemoryFileSystem symlink(String path, String target) {
    put(
        path,
        node(
            FileType.SYMBOLIC_LINK,
            target.getBytes(StandardCharsets.UTF_8),
            FileAttributes.root(0777, THEN)));
    return this;
  }

  /// Puts something of any type.
  public MemoryFileSystem special(String path, FileType type) {
    put(path, node(type, new byte[0], FileAttributes.root(0600, THEN)));
    return this;
  }

  /// Makes a file look larger than it is.
  public MemoryFileSystem claimSize(String path, long size) {
    get(path).size = size;
    return this;
  }

  /// Labels a file.
  public MemoryFileSystem label(String path, String label) {
    get(path).extended.put("security.selinux", (label + "\0").getBytes(StandardCharsets.UTF_8));
    return this;
  }

  private void put(String path, Node node) {
    for (String p = parent(path); !nodes.containsKey(p); p = parent(p)) {
      nodes.put(p, node(FileType.DIRECTORY, new byte[0], FileAttributes.root(0755, THEN)));
    }
    nodes.put(path, node);
  }

  private Node get(String path) {
    return Objects.requireNonNull(nodes.get(path), path);
  }

  private static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash <= 0 ? "/" : path.substring(0, slash);
  }

  /// A guest's tree of this alone.
  public GuestTree tree() {
    return GuestTree.of(volume(1));
  }

  /// This as a volume in a partition.
  public GuestVolume volume(int number) {
    return new GuestVolume(
        OptionalInt.of(number), Optional.empty(), Optional.empty(), Set.of(), this, facts());
  }

  /// A regular file's text.
  public String text(String path) {
    return new String(get(path).content, StandardCharsets.UTF_8);
  }

  /// All paths but the root, in order.
  public List<String> paths() {
    return nodes.keySet().stream().filter(p -> !p.equals("/")).toList();
  }

  /// True when there is something.
  public boolean has(String path) {
    return nodes.containsKey(path);
  }

  /// Octal mode, owner and group.
  public String owner(String path) {
    FileAttributes a = get(path).attributes;
    return "%04o %d:%d".formatted(a.permissions(), a.uid(), a.gid());
  }

  /// How often it was written to.
  public int changes() {
    return changes;
  }

  @Override
  public FileSystemFacts facts() {
    return new FileSystemFacts("memory", uuid, Optional.empty(), 1 << 30, 1 << 29, 4096, true);
  }

  @Override
  public boolean writable() {
    return true;
  }

  private Node existing(String path) throws NoSuchFileException {
    Node node = nodes.get(path);
    if (node == null) {
      throw new NoSuchFileException(path);
    }
    return node;
  }

  private Node of(String path, FileType type) throws IOException {
    Node node = existing(path);
    if (node.type != type) {
      throw new IOException(path + " is a " + node.type + ", not a " + type);
    }
    return node;
  }

  private void checkParent(String path) throws NoSuchFileException {
    if (!path.equals("/")) {
      Node parent = nodes.get(parent(path));
      if (parent == null || parent.type != FileType.DIRECTORY) {
        throw new NoSuchFileException(path);
      }
    }
  }

  @Override
  public Optional<FileStatus> find(String path) throws IOException {
    checkParent(path);
    Node n = nodes.get(path);
    return n == null
        ? Optional.empty()
        : Optional.of(
            new FileStatus(
                n.inode,
                n.type,
                n.size,
                n.attributes.permissions(),
                n.attributes.uid(),
                n.attributes.gid(),
                1,
                n.attributes.modified(),
                n.size));
  }

  @Override
  public List<DirectoryEntry> list(String path) throws IOException {
    of(path, FileType.DIRECTORY);
    List<DirectoryEntry> entries = new ArrayList<>();
    nodes.forEach((p, n) -> {
      if (!p.equals("/") && parent(p).equals(path)) {
        entries.add(new DirectoryEntry(p.substring(p.lastIndexOf('/') + 1), n.inode, n.type));
      }
    });
    return entries;
  }

  @Override
  public int read(String path, long offset, MemorySegment dst) throws IOException {
    byte[] content = of(path, FileType.REGULAR).content;
    int length = (int) Math.clamp(content.length - offset, 0, dst.byteSize());
    MemorySegment.copy(MemorySegment.ofArray(content), offset, dst, 0, length);
    return length;
  }

  @Override
  public String readLink(String path) throws IOException {
    return new String(of(path, FileType.SYMBOLIC_LINK).content, StandardCharsets.UTF_8);
  }

  @Override
  public SequencedMap<String, byte[]> extendedAttributes(String path) throws IOException {
    return new LinkedHashMap<>(existing(path).extended);
  }

  @Override
  public void write(String path, byte[] content, FileAttributes attributes) throws IOException {
    checkParent(path);
    changes++;
    if (nodes.containsKey(path)) {
      Node node = of(path, FileType.REGULAR);
      node.content = content.clone();
      node.size = content.length;
      node.attributes = attributes;
    } else {
      nodes.put(path, node(FileType.REGULAR, content.clone(), attributes));
    }
  }

  private void create(String path, FileType type, String target, FileAttributes attributes)
      throws IOException {
    checkParent(path);
    changes++;
    if (nodes.containsKey(path)) {
      throw new FileAlreadyExistsException(path);
    }
    nodes.put(path, node(type, target.getBytes(StandardCharsets.UTF_8), attributes));
  }

  @Override
  public void createDirectory(String path, FileAttributes attributes) throws IOException {
    create(path, FileType.DIRECTORY, "", attributes);
  }

  @Override
  public void createLink(String path, String target, FileAttributes attributes) throws IOException {
    create(path, FileType.SYMBOLIC_LINK, target, attributes);
  }

  @Override
  public void delete(String path) throws IOException {
    existing(path);
    changes++;
    if (!list0(path).isEmpty()) {
      throw new DirectoryNotEmptyException(path);
    }
    nodes.remove(path);
  }

  private List<String> list0(String path) {
    return nodes.keySet().stream().filter(p -> p.startsWith(path + "/")).toList();
  }

  @Override
  public void rename(String from, String to) throws IOException {
    checkParent(to);
    changes++;
    nodes.put(to, existing(from));
    nodes.remove(from);
  }

  @Override
  public void setAttributes(String path, FileAttributes attributes) throws IOException {
    changes++;
    existing(path).attributes = attributes;
  }

  @Override
  public void setExtendedAttribute(String path, String name, Optional<byte[]> value)
      throws IOException {
    changes++;
    if (value.isPresent()) {
      existing(path).extended.put(name, value.get().clone());
    } else {
      existing(path).extended.remove(name);
    }
  }

  @Override
  public void truncate(String path, long length) throws IOException {
    changes++;
    Node node = of(path, FileType.REGULAR);
    node.content = Arrays.copyOf(node.content, Math.toIntExact(length));
    node.size = length;
  }

  @Override
  public void usedRuns(RunConsumer run) {}

  @Override
  public long trim() {
    return 0;
  }

  @Override
  public Optional<String> uuidFrom(UUID wanted) {
    return Optional.of(wanted.toString());
  }

  @Override
  public void setUuid(UUID wanted) {
    uuid = Optional.of(wanted.toString());
  }

  @Override
  public void growToDisk() {}

  @Override
  public void sync() {}

  @Override
  public void close() {}
}
