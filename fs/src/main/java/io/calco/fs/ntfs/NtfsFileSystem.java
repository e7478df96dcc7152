package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Extent;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.ZeroMode;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileStatus;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.FileType;
import io.calco.fs.NodeFileSystem;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.UUID;

/// An opened NTFS volume.
final class NtfsFileSystem extends NodeFileSystem<NtfsNode> {
  private static final int MAX_STREAM = 1 << 16; // as extended attributes are limited by Linux
  private static final int MAX_ATTRIBUTES = 1 << 20; // ours: bytes of one file's streams

  private final Volume volume;
  private final SecurityDescriptors descriptors;

  private final Optional<NtfsWriter> writer;
  private long serial;

  NtfsFileSystem(Volume volume, Optional<NtfsWriter> writer) {
    super("ntfs");
    this.volume = volume;
    this.writer = writer;
    this.serial = volume.boot.serial();
    this.descriptors = new SecurityDescriptors(volume);
  }

  @Override
  public FileSystemFacts facts() throws IOException {
    commit();
    boolean clean = (volume.flags() & Volume.DIRTY) == 0 && LogState.isClean(volume);
    return new FileSystemFacts(
        "ntfs",
        Optional.of("%016X".formatted(serial)),
        volume.label(),
        volume.boot.clusters() << volume.boot.clusterBits(),
        new ClusterMap(volume).free(),
        volume.boot.clusterSize(),
        clean);
  }

  @Override
  protected NtfsNode root() throws IOException {
    return NtfsNode.of(volume.file(Volume.ROOT));
  }

  @Override
  protected FileStatus status(NtfsNode node) {
    return node.posix().status();
  }

  @Override
  protected Optional<NtfsNode> child(NtfsNode directory, String name) throws IOException {
    Optional<FileIndex.Entry> entry = directory.file().names().find(name);
    return entry.isEmpty()
        ? Optional.empty()
        : Optional.of(NtfsNode.of(volume.fileAt(entry.get().reference())));
  }

  @Override
  protected List<DirectoryEntry> entries(NtfsNode directory) throws IOException {
    List<DirectoryEntry> entries = new ArrayList<>();
    for (FileIndex.Entry entry : directory.file().names().names()) {
      long number = MftRecord.numberOf(entry.reference());
      String name = entry.name().name();
      if (number < Volume.FIRST_OTHER && directory.file().number() == Volume.ROOT) {
        continue; // the volume's own files, and the root's name for itself
      }
      if (name.isEmpty() || name.equals(".") || name.equals("..") || hasSeparator(name)) {
        throw CorruptImageException.at(
            "NTFS", "name in directory " + directory.file().number(), 0, name, "a file's name");
      }
      entries.add(new DirectoryEntry(name, number, type(entry)));
    }
    return entries;
  }

  private static boolean hasSeparator(String name) {
    return name.indexOf('/') >= 0 || name.indexOf(0) >= 0;
  }

  /// The type of an entry's file: from the entry itself where it is certain there.
  private FileType type(FileIndex.Entry entry) throws IOException {
    int special = StandardInformation.REPARSE | StandardInformation.SYSTEM;
    if ((entry.name().flags() & special) == 0) {
      return entry.name().isDirectory() ? FileType.DIRECTORY : FileType.REGULAR;
    }
    return NtfsNode.of(volume.fileAt(entry.reference())).posix().status().type();
  }

  @Override
  protected int readAt(NtfsNode node, long offset, MemorySegment dst) throws IOException {
    Optional<ReparsePoint> reparse = node.posix().reparse();
    if (reparse.isPresent() && reparse.get().hidesData()) {
      throw new UnsupportedFeatureException(
          "NTFS: file record %d is %s, which Calco does not read"
              .formatted(node.file().number(), reparse.get().kind()));
    }
    return volume.reader.read(node.file().data(), offset, dst);
  }

  @Override
  protected String target(NtfsNode link) {
    return link.posix().target().orElseThrow();
  }

  @Override
  protected SequencedMap<String, byte[]> attributesOf(NtfsNode node) throws IOException {
    SequencedMap<String, byte[]> found = new LinkedHashMap<>();
    int room = MAX_ATTRIBUTES;
    for (Attribute attribute : node.file().attributes()) {
      boolean stream = attribute.type() == AttributeType.DATA && !attribute.name().isEmpty();
      if (!stream || found.containsKey("user." + attribute.name())) {
        continue;
      }
      Optional<Content> content = node.file().find(AttributeType.DATA, attribute.name());
      if (content.isPresent()
          && content.get().size() <= Math.min(MAX_STREAM, room)
          && !content.get().isEncrypted()) {
        byte[] value = volume.reader.readAll(content.get(), MAX_STREAM, "stream");
        room -= value.length;
        found.put("user." + attribute.name(), value);
      }
    }
    Optional<byte[]> descriptor = descriptors.of(node.file());
    descriptor.ifPresent(value -> found.put("system.ntfs_acl", value));
    if (node.posix().reparse().isPresent() && node.posix().target().isEmpty()) {
      Content reparse = node.file().find(AttributeType.REPARSE_POINT, "").orElseThrow();
      found.put(
          "system.ntfs_reparse_data",
          volume.reader.readAll(reparse, 8 + ReparsePoint.MAX_SIZE, "reparse point"));
    }
    return found;
  }

  @Override
  public void usedRuns(RunConsumer run) throws IOException {
    commit();
    new ClusterMap(volume).used(run);
  }

  @Override
  public boolean writable() {
    return writer.isPresent();
  }

  private void commit() throws IOException {
    if (writer.isPresent()) {
      writer.get().changes.commit();
    }
  }

  private NtfsWriter writer() throws IOException {
    return writer.orElseThrow(
        () -> new UnsupportedFeatureException("ntfs file system: open for reading only"));
  }

  /// Where a new name goes.
  ///
  /// @param directory the number of its directory
  /// @param name the name as it was asked for
  private record Place(long directory, String name) {}

  private Place place(String path) throws IOException {
    List<String> names = names(path);
    if (names.isEmpty()) {
      throw new FileSystemException(path, null, "the root directory");
    }
    String parent = "/" + String.join("/", names.subList(0, names.size() - 1));
    NtfsNode directory = require(parent);
    if (directory.posix().status().type() != FileType.DIRECTORY) {
      throw new NoSuchFileException(path);
    }
    requireOwn(parent, directory);
    return new Place(directory.file().number(), names.getLast());
  }

  /// Refuses to change what the volume itself consists of.
  private static void requireOwn(String path, NtfsNode node) throws IOException {
    long number = node.file().number();
    if (number < Volume.FIRST_USER && number != Volume.ROOT) {
      throw new FileSystemException(path, null, "one of the volume's own files");
    }
  }

  /// The name as it stands in the directory.
  private String nameIn(Place place) throws IOException {
    return volume.file(place.directory()).names().find(place.name()).orElseThrow().name().name();
  }

  private void change(Changes.Body body) throws IOException {
    try {
      writer().changes.run(body);
    } finally {
      forget();
    }
  }

  @Override
  public void write(String path, byte[] content, FileAttributes attributes) throws IOException {
    NtfsWriter to = writer();
    Optional<NtfsNode> there = node(path);
    if (there.isPresent()) {
      if (there.get().posix().status().type() != FileType.REGULAR) {
        throw new FileSystemException(path, null, "not a regular file");
      }
      requireOwn(path, there.get());
      long number = there.get().file().number();
      change(() -> to.replace(number, content, attributes.modified()));
      return;
    }
    Place place = place(path);
    Names.check(path, place.name());
    change(() -> to.createFile(place.directory(), place.name(), content, attributes.modified()));
  }

  private Place newPlace(String path) throws IOException {
    if (node(path).isPresent()) {
      throw new FileAlreadyExistsException(path);
    }
    Place place = place(path);
    Names.check(path, place.name());
    return place;
  }

  @Override
  public void createDirectory(String path, FileAttributes attributes) throws IOException {
    NtfsWriter to = writer();
    Place place = newPlace(path);
    change(() -> to.createDirectory(place.directory(), place.name(), attributes.modified()));
  }

  @Override
  public void createLink(String path, String target, FileAttributes attributes) throws IOException {
    NtfsWriter to = writer();
    Place place = newPlace(path);
    change(() -> to.createLink(place.directory(), place.name(), target, attributes.modified()));
  }

  @Override
  public void delete(String path) throws IOException {
    NtfsWriter to = writer();
    NtfsNode node = require(path);
    Place place = place(path);
    requireOwn(path, node);
    requireEmpty(path, node);
    String name = nameIn(place);
    change(() -> to.unlink(place.directory(), name, node.file().number()));
  }

  private static void requireEmpty(String path, NtfsNode node) throws IOException {
    if (node.file().isDirectory() && !node.file().names().isEmpty()) {
      throw new DirectoryNotEmptyException(path);
    }
  }

  @Override
  public void rename(String from, String to) throws IOException {
    NtfsWriter write = writer();
    NtfsNode node = require(from);
    Place old = place(from);
    Place next = place(to);
    requireOwn(from, node);
    Names.check(to, next.name());
    long number = node.file().number();
    refuseInside(node, from, to);
    Optional<NtfsNode> there = node(to);
    String name = nameIn(old);
    if (there.isPresent() && there.get().file().number() == number) {
      if (old.directory() != next.directory()
          || name.equals(next.name())
          || !sameFolded(old, next)) {
        return; // another name of the same file stays
      }
    } else if (there.isPresent()) {
      boolean directory = node.posix().status().type() == FileType.DIRECTORY;
      boolean onDirectory = there.get().posix().status().type() == FileType.DIRECTORY;
      if (directory != onDirectory) {
        throw new FileSystemException(from, to, "a directory and no directory");
      }
      requireOwn(to, there.get());
      requireEmpty(to, there.get());
      long replaced = there.get().file().number();
      String replacedName = nameIn(next);
      change(() -> {
        write.unlink(next.directory(), replacedName, replaced);
        write.link(number, next.directory(), next.name());
      });
    }
    if (there.isEmpty() || there.get().file().number() == number) {
      change(() -> write.link(number, next.directory(), next.name()));
    }
    change(() -> write.unname(number, old.directory(), name));
  }

  private static boolean sameFolded(Place a, Place b) {
    return a.name().equalsIgnoreCase(b.name());
  }

  private void refuseInside(NtfsNode node, String from, String to) throws IOException {
    List<String> way = names(to);
    for (int i = 0; i < way.size(); i++) {
      Optional<NtfsNode> above = node("/" + String.join("/", way.subList(0, i)));
      if (above.isPresent()
          && above.get().file().number() == node.file().number()
          && node.file().isDirectory()) {
        throw new FileSystemException(from, to, "into itself");
      }
    }
  }

  /// Sets the times; Windows knows neither owner nor mode of POSIX.
  @Override
  public void setAttributes(String path, FileAttributes attributes) throws IOException {
    NtfsWriter to = writer();
    NtfsNode node = require(path);
    requireOwn(path, node);
    change(() -> to.touch(node.file().number(), attributes.modified()));
  }

  @Override
  public void setExtendedAttribute(String path, String name, Optional<byte[]> value)
      throws IOException {
    NtfsWriter to = writer();
    NtfsNode node = require(path);
    requireOwn(path, node);
    if (!name.startsWith("user.") || name.length() == 5) {
      throw new UnsupportedFeatureException("NTFS: the attribute " + name + " cannot be changed");
    }
    String stream = name.substring(5);
    Names.check(path, stream);
    change(() -> to.setStream(node.file().number(), stream, value));
  }

  @Override
  public void truncate(String path, long length) throws IOException {
    NtfsWriter to = writer();
    NtfsNode node = require(path);
    if (node.posix().status().type() != FileType.REGULAR) {
      throw new FileSystemException(path, null, "not a regular file");
    }
    requireOwn(path, node);
    change(() -> to.truncate(node.file().number(), length));
  }

  @Override
  public long trim() throws IOException {
    writer();
    commit();
    long[] wiped = {0};
    new ClusterMap(volume).runs(false, (offset, length) -> wiped[0] += wipe(offset, length));
    volume.disk.sync();
    return wiped[0];
  }

  private long wipe(long offset, long length) throws IOException {
    long wiped = 0;
    for (long at = offset; at < offset + length; ) {
      Extent extent = volume.disk.extentAt(at, offset + length - at);
      if (extent.allocated() && !extent.readsZero()) {
        volume.disk.writeZeroes(at, extent.length(), ZeroMode.MAY_UNMAP);
        wiped += extent.length();
      }
      at = extent.end();
    }
    return wiped;
  }

  @Override
  public Optional<String> uuidFrom(UUID uuid) {
    checkOpen();
    return Optional.of("%016X".formatted(uuid.getLeastSignificantBits()));
  }

  /// Gives the volume the number that the UUID's last eight bytes make.
  @Override
  public void setUuid(UUID uuid) throws IOException {
    writer();
    commit();
    serial = uuid.getLeastSignificantBits();
    long copy = volume.boot.copyOffset();
    if (copy + volume.boot.sectorSize() <= volume.disk.size()) {
      setSerial(copy);
    }
    setSerial(0);
    volume.disk.sync();
  }

  private void setSerial(long at) throws IOException {
    byte[] sector = volume.disk.readBytes(at, volume.boot.sectorSize());
    if (BootSector.isMarked(sector)) {
      LittleEndian.put64(sector, BootSector.SERIAL, serial);
      volume.disk.writeBytes(at, sector);
    }
  }

  @Override
  public void sync() throws IOException {
    commit();
  }

  @Override
  public void close() throws IOException {
    if (writer.isPresent()) {
      writer.get().changes.finish();
    }
    super.close();
  }
}
