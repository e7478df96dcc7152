package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import io.calco.fs.GuestNames;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Finds inodes by path.
final class Paths {
  /// Bytes of a name, the specification's.
  private static final int MAX_NAME = 255;

  /// Directories above one another, ours.
  private static final int MAX_DEPTH = 4096;

  /// A name and the directory that holds it or will.
  static final class Target {
    private final Directory directory;
    private final byte[] name;

    Target(Directory directory, byte[] name) {
      this.directory = directory;
      this.name = name;
    }

    Directory directory() {
      return directory;
    }

    byte[] name() {
      return name;
    }

    /// The inode that the name refers to, if it is there.
    Optional<Inode> find(Volume volume) throws IOException {
      OptionalLong number = directory.find(name);
      return number.isPresent()
          ? Optional.of(volume.inodes.read(number.getAsLong()))
          : Optional.empty();
    }
  }

  private final Volume volume;

  Paths(Volume volume) {
    this.volume = volume;
  }

  /// @throws FileSystemException when the path is not one of this file system's form
  static List<byte[]> split(String path) throws FileSystemException {
    if (!path.startsWith("/")) {
      throw new FileSystemException(path, null, "not an absolute path");
    }
    List<byte[]> names = new ArrayList<>();
    for (String part : path.split("/")) {
      if (part.isEmpty()) {
        continue;
      }
      if (part.equals(".") || part.equals("..") || part.indexOf(0) >= 0) {
        throw new FileSystemException(path, null, "a path with \".\", \"..\" or a zero");
      }
      names.add(encoded(part));
    }
    return names;
  }

  /// A name's bytes.
  ///
  /// @throws FileSystemException when there are too many
  static byte[] encoded(String name) throws FileSystemException {
    byte[] bytes = GuestNames.encode(name);
    if (bytes.length > MAX_NAME) {
      throw new FileSystemException(
          name, null, "a name of %d bytes, at most %d".formatted(bytes.length, MAX_NAME));
    }
    return bytes;
  }

  /// What lies at the path; empty when it or a directory on the way is not there.
  Optional<Inode> find(String path) throws IOException {
    Inode inode = volume.inodes.read(Inode.ROOT);
    for (byte[] name : split(path)) {
      if (!inode.isDirectory()) {
        return Optional.empty();
      }
      OptionalLong number = new Directory(volume, inode).find(name);
      if (number.isEmpty()) {
        return Optional.empty();
      }
      inode = volume.inodes.read(number.getAsLong());
    }
    return Optional.of(inode);
  }

  /// What lies at the path.
  ///
  /// @throws NoSuchFileException when nothing does
  Inode get(String path) throws IOException {
    return find(path).orElseThrow(() -> new NoSuchFileException(path));
  }

  /// The path's last name and its directory, which must be there.
  Target target(String path) throws IOException {
    List<byte[]> names = split(path);
    if (names.isEmpty()) {
      throw new FileSystemException(path, null, "the root directory");
    }
    Inode inode = volume.inodes.read(Inode.ROOT);
    for (int i = 0; i < names.size(); i++) {
      if (!inode.isDirectory()) {
        throw new NoSuchFileException(path);
      }
      Directory directory = new Directory(volume, inode);
      if (i + 1 == names.size()) {
        return new Target(directory, names.get(i));
      }
      OptionalLong number = directory.find(names.get(i));
      if (number.isEmpty()) {
        throw new NoSuchFileException(path);
      }
      inode = volume.inodes.read(number.getAsLong());
    }
    throw new AssertionError("unreachable");
  }

  /// True when directory `number` is `ancestor` or lies below it.
  boolean isWithin(long number, long ancestor) throws IOException {
    long at = number;
    for (int depth = 0; depth < MAX_DEPTH; depth++) {
      if (at == ancestor) {
        return true;
      }
      if (at == Inode.ROOT) {
        return false;
      }
      Directory directory = new Directory(volume, volume.inodes.read(at));
      OptionalLong parent = directory.find(Directory.DOT_DOT);
      if (parent.isEmpty()) {
        break;
      }
      at = parent.getAsLong();
    }
    throw new CorruptImageException(
        "ext file system: inode " + number + ": its parents do not lead to the root");
  }
}
