package io.calco.fs.fat;

import io.calco.disk.CorruptImageException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.ZeroMode;
import io.calco.fs.FileAttributes;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Optional;

/// Changes of files, made in memory; content goes into free clusters. Whatever can fail comes
/// first, so that a failed change has changed nothing that can be seen.
final class FileChanges {
  /// Bytes of a file, the specification's.
  static final long MAX_SIZE = 0xFFFFFFFFL;

  /// Finds what lies at a path.
  @FunctionalInterface
  interface Lookup {
    Optional<FatNode> find(String path) throws IOException;
  }

  /// A name in a directory that is there.
  ///
  /// @param path as it was given
  /// @param parent the directory
  /// @param directory its content
  /// @param name checked
  private record Target(String path, FatNode parent, Directory directory, String name) {
    Optional<FatEntry> find() {
      return directory.find(name);
    }

    /// The same with the other's directory, when it is the same one.
    Target sharing(Target other) {
      boolean isSame = directory.first() == other.directory.first();
      return new Target(path, parent, isSame ? other.directory : directory, name);
    }

    ShortName shortName(Optional<FatEntry> replaced) throws IOException {
      return ShortName.of(
          path,
          name,
          text ->
              directory.hasShortName(text)
                  && !replaced.map(FatEntry::shortName).equals(Optional.of(text)));
    }
  }

  private final Volume volume;
  private final Lookup lookup;

  FileChanges(Volume volume, Lookup lookup) {
    this.volume = volume;
    this.lookup = lookup;
  }

  /// Refuses a directory that contains itself.
  static void requireTree(FatNode parent, FatEntry entry) throws CorruptImageException {
    if (entry.isDirectory() && parent.isWithin(entry.firstCluster())) {
      throw CorruptImageException.at(
          "FAT file system",
          "directory entry \"" + entry.name() + "\"",
          entry.inode() * Slot.BYTES,
          "cluster " + entry.firstCluster() + " of a directory above it",
          "a directory's own cluster");
    }
  }

  private Target target(String path) throws IOException {
    String trimmed = path.replaceAll("/+$", "");
    int slash = trimmed.lastIndexOf('/');
    if (slash < 0) {
      throw new FileSystemException(path, null, "not a name in a directory");
    }
    FatNode parent =
        lookup
            .find(slash == 0 ? "/" : trimmed.substring(0, slash))
            .filter(node -> node.entry().isDirectory())
            .orElseThrow(() -> new NoSuchFileException(path));
    lookup.find(path); // refuses what is no path
    return new Target(
        path,
        parent,
        volume.directory(parent.entry().firstCluster()),
        ShortName.requireName(path, trimmed.substring(slash + 1)));
  }

  private static FatEntry require(Target target) throws NoSuchFileException {
    return target.find().orElseThrow(() -> new NoSuchFileException(target.path()));
  }

  private static void requireFile(Target target, FatEntry entry) throws FileSystemException {
    if (entry.isDirectory()) {
      throw new FileSystemException(target.path(), null, "not a regular file");
    }
  }

  private static void requireAbsent(Target target) throws FileAlreadyExistsException {
    if (target.find().isPresent()) {
      throw new FileAlreadyExistsException(target.path());
    }
  }

  void write(String path, byte[] content, FileAttributes attributes) throws IOException {
    Target target = target(path);
    Optional<FatEntry> old = target.find();
    if (old.isPresent()) {
      requireFile(target, old.get());
      int[] chain = volume.clusters().ofFile(old.get().firstCluster());
      int first = volume.clusters().store(content);
      byte[] fields = target.directory().fields(old.get());
      Slot.putContent(fields, 0, first, content.length);
      Slot.putAttributes(fields, 0, attributes);
      target.directory().update(old.get(), fields);
      volume.clusters().free(chain);
      return;
    }
    ShortName shortName = target.shortName(Optional.empty());
    int slot = target.directory().room(path, Directory.slotsFor(target.name(), shortName));
    int first = volume.clusters().store(content);
    byte[] fields = Slot.of(attributes, 0, first, content.length);
    target.directory().put(slot, target.name(), shortName, fields);
  }

  void createDirectory(String path, FileAttributes attributes) throws IOException {
    Target target = target(path);
    requireAbsent(target);
    ShortName shortName = target.shortName(Optional.empty());
    int slot = target.directory().room(path, Directory.slotsFor(target.name(), shortName));
    Directory made = volume.createDirectory(target.parent().entry(), attributes);
    byte[] fields = Slot.of(attributes, FatEntry.DIRECTORY, made.first(), 0);
    target.directory().put(slot, target.name(), shortName, fields);
  }

  void delete(String path) throws IOException {
    Target target = target(path);
    FatEntry entry = require(target);
    int[] chain = removable(target, entry);
    target.directory().remove(entry);
    release(entry, chain);
  }

  /// The clusters of what can be removed.
  private int[] removable(Target target, FatEntry entry) throws IOException {
    if (!entry.isDirectory()) {
      return volume.clusters().ofFile(entry.firstCluster());
    }
    requireTree(target.parent(), entry);
    Directory directory = volume.directory(entry.firstCluster());
    if (!directory.isEmpty()) {
      throw new DirectoryNotEmptyException(target.path());
    }
    return directory.chain();
  }

  private void release(FatEntry entry, int[] chain) throws IOException {
    if (entry.isDirectory()) {
      volume.drop(entry.firstCluster());
    }
    volume.clusters().free(chain);
  }

  void rename(String from, String to) throws IOException {
    Target source = target(from);
    FatEntry entry = require(source);
    Target target = target(to).sharing(source);
    if (entry.isDirectory()) {
      requireTree(source.parent(), entry);
      if (target.parent().isWithin(entry.firstCluster())) {
        throw new FileSystemException(from, to, "a directory cannot move into itself");
      }
    }
    Optional<FatEntry> old = target.find();
    if (old.isEmpty() || old.get().isSame(entry)) {
      if (old.isPresent() && old.get().name().equals(target.name())) {
        return;
      }
      ShortName shortName = target.shortName(old);
      int slot = target.directory().room(to, Directory.slotsFor(target.name(), shortName));
      Optional<Directory> moved = moved(source, target, entry);
      byte[] fields = source.directory().fields(entry);
      source.directory().remove(entry);
      target.directory().put(slot, target.name(), shortName, fields);
      moved.ifPresent(directory -> directory.setParent(Volume.asParent(target.parent().entry())));
      return;
    }
    replace(source, entry, target, old.get());
  }

  private void replace(Target source, FatEntry entry, Target target, FatEntry old)
      throws IOException {
    if (old.isDirectory() && !entry.isDirectory()) {
      throw new FileSystemException(target.path(), null, "is a directory");
    }
    if (!old.isDirectory() && entry.isDirectory()) {
      throw new NotDirectoryException(target.path());
    }
    int[] chain = removable(target, old);
    Optional<Directory> moved = moved(source, target, entry);
    byte[] fields = source.directory().fields(entry);
    target.directory().update(old, fields);
    source.directory().remove(entry);
    release(old, chain);
    moved.ifPresent(directory -> directory.setParent(Volume.asParent(target.parent().entry())));
  }

  /// The directory that gets another one above it.
  private Optional<Directory> moved(Target source, Target target, FatEntry entry)
      throws IOException {
    return entry.isDirectory() && source.directory() != target.directory()
        ? Optional.of(volume.directory(entry.firstCluster()))
        : Optional.empty();
  }

  void setAttributes(String path, FileAttributes attributes) throws IOException {
    if (lookup.find(path).map(node -> node.entry().isRoot()).orElse(false)) {
      throw new UnsupportedFeatureException("FAT file system: its root has no attributes");
    }
    Target target = target(path);
    FatEntry entry = require(target);
    byte[] fields = target.directory().fields(entry);
    Slot.putAttributes(fields, 0, attributes);
    target.directory().update(entry, fields);
  }

  void truncate(String path, long length) throws IOException {
    Target target = target(path);
    FatEntry entry = require(target);
    requireFile(target, entry);
    int[] chain = volume.clusters().ofFile(entry.firstCluster());
    int clusters = (int) volume.geometry().clustersFor(length);
    int first = clusters == 0 ? 0 : entry.firstCluster();
    if (clusters > chain.length) {
      first = volume.clusters().append(chain, clusters - chain.length);
    }
    if (length > entry.size()) {
      clear(chain, entry.size(), length);
    }
    byte[] fields = target.directory().fields(entry);
    Slot.putContent(fields, 0, first, length);
    target.directory().update(entry, fields);
    volume.clusters().cut(chain, clusters);
  }

  /// Zeroes what a file has beyond its end, and is to be part of it.
  private void clear(int[] chain, long from, long to) throws IOException {
    int unit = volume.geometry().clusterBytes();
    long end = Math.min(to, (long) chain.length * unit);
    for (long at = from; at < end; ) {
      long part = Math.min(unit - at % unit, end - at);
      long offset = volume.geometry().offset(chain[(int) (at / unit)]) + at % unit;
      volume.disk().writeZeroes(offset, part, ZeroMode.MAY_UNMAP);
      at += part;
    }
  }
}
