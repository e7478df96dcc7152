package io.calco.fs.xfs;

import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.FileAttributes;
import io.calco.fs.GuestNames;
import io.calco.fs.xfs.DirectoryFormat.Item;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Optional;
import java.util.SequencedMap;

/// The changes of files and directories, in memory.
final class Writer {
  private static final int MAX_NAME = 255;

  private final Volume volume;

  Writer(Volume volume) {
    this.volume = volume;
  }

  /// A name in a directory.
  ///
  /// @param path the whole path, for messages
  record Target(String path, Inode directory, String name) {}

  private Optional<Item> find(Target target) throws IOException {
    return Optional.ofNullable(volume.directories.entries(target.directory()).get(target.name()));
  }

  private void requireAbsent(Target target) throws IOException {
    if (find(target).isPresent()) {
      throw new FileAlreadyExistsException(target.path());
    }
  }

  /// Stores a directory's entries, and the inode with its time.
  private void store(Inode directory, long parent) throws IOException {
    new DirectoryStore(volume, directory, parent).store(volume.directories.entries(directory));
    directory.touch(volume.now());
    directory.countChange();
    volume.inodes.write(directory);
  }

  private void store(Inode directory) throws IOException {
    store(directory, DirectoryStore.parentOf(volume, directory));
  }

  private void enter(Target target, Inode inode) throws IOException {
    int length = GuestNames.encode(target.name()).length;
    if (length > MAX_NAME) {
      throw new FileSystemException(target.path(), null, "a name of " + length + " bytes");
    }
    int type = DirectoryFormat.stored(inode.type());
    volume
        .directories
        .entries(target.directory())
        .put(target.name(), Item.of(target.name(), inode.number(), type, 0));
    store(target.directory());
  }

  void write(Target target, byte[] content, FileAttributes attributes) throws IOException {
    Optional<Item> old = find(target);
    if (old.isPresent()) {
      Inode inode = requireRegular(target.path(), volume.inodes.read(old.get().inode()));
      fill(inode, content, attributes);
    } else {
      Inode inode = volume.inodeTable.take(target.directory(), 0x8000, 1);
      fill(inode, content, attributes);
      enter(target, inode);
    }
  }

  private void fill(Inode inode, byte[] content, FileAttributes attributes) throws IOException {
    new FileStore(volume, inode).replace(content);
    inode.putAttributes(attributes, volume.now());
    inode.countChange();
    volume.inodes.write(inode);
  }

  private static Inode requireRegular(String path, Inode inode) throws IOException {
    if (!inode.isRegular()) {
      throw new FileSystemException(path, null, "not a regular file");
    }
    if ((inode.flags() & Inode.FLAG_REALTIME) != 0) {
      throw new UnsupportedFeatureException(
          "xfs file system: " + path + ": its data is on a realtime device");
    }
    return inode;
  }

  void createDirectory(Target target, FileAttributes attributes) throws IOException {
    requireAbsent(target);
    Inode inode = volume.inodeTable.take(target.directory(), 0x4000, 2);
    inode.putFormat(Inode.LOCAL);
    new DirectoryStore(volume, inode, target.directory().number())
        .store(new java.util.LinkedHashMap<>());
    inode.putAttributes(attributes, volume.now());
    volume.inodes.write(inode);
    target.directory().putLinks(target.directory().links() + 1);
    enter(target, inode);
  }

  void createLink(Target target, byte[] to, FileAttributes attributes) throws IOException {
    requireAbsent(target);
    Inode inode = volume.inodeTable.take(target.directory(), 0xA000, 1);
    new FileStore(volume, inode).storeTarget(to);
    inode.putAttributes(attributes, volume.now());
    volume.inodes.write(inode);
    enter(target, inode);
  }

  void delete(Target target) throws IOException {
    Item item = find(target).orElseThrow(() -> new NoSuchFileException(target.path()));
    remove(target, volume.inodes.read(item.inode()));
    volume.directories.entries(target.directory()).remove(target.name());
    store(target.directory());
  }

  /// Takes away what the name refers to, not the name.
  private void remove(Target target, Inode inode) throws IOException {
    if (inode.isDirectory()) {
      if (!volume.directories.entries(inode).isEmpty()) {
        throw new DirectoryNotEmptyException(target.path());
      }
      target.directory().putLinks(target.directory().links() - 1);
    } else if (inode.links() > 1) {
      inode.putLinks(inode.links() - 1);
      inode.touchChange(volume.now());
      volume.inodes.write(inode);
      return;
    }
    new FileStore(volume, inode).free();
    new AttributeStore(volume, inode).free();
    volume.inodeTable.release(inode);
    volume.directories.forget(inode.number());
  }

  void rename(Target from, Target to) throws IOException {
    Item item = find(from).orElseThrow(() -> new NoSuchFileException(from.path()));
    Optional<Item> old = find(to);
    if (old.isPresent() && old.get().inode() == item.inode()) {
      return; // the same file already, as POSIX has it
    }
    if (to.path().startsWith(from.path() + "/")) {
      throw new FileSystemException(from.path(), to.path(), "a directory cannot move into itself");
    }
    Inode inode = volume.inodes.read(item.inode());
    if (old.isPresent()) {
      Inode replaced = volume.inodes.read(old.get().inode());
      if (replaced.isDirectory() && !inode.isDirectory()) {
        throw new FileSystemException(to.path(), null, "is a directory");
      }
      if (!replaced.isDirectory() && inode.isDirectory()) {
        throw new NotDirectoryException(to.path());
      }
      remove(to, replaced);
    }
    boolean other = from.directory().number() != to.directory().number();
    if (inode.isDirectory() && other) {
      from.directory().putLinks(from.directory().links() - 1);
      to.directory().putLinks(to.directory().links() + 1);
      store(inode, to.directory().number());
    }
    SequencedMap<String, Item> source = volume.directories.entries(from.directory());
    source.remove(from.name());
    if (other) {
      store(from.directory());
    }
    enter(to, inode);
    inode.touchChange(volume.now());
    volume.inodes.write(inode);
  }

  void setAttributes(Inode inode, FileAttributes attributes) throws IOException {
    inode.putAttributes(attributes, volume.now());
    inode.countChange();
    volume.inodes.write(inode);
  }

  void setExtendedAttribute(Inode inode, AttributeName name, Optional<byte[]> value)
      throws IOException {
    SequencedMap<AttributeName, byte[]> all = Attributes.read(volume, inode);
    if (value.isPresent()) {
      all.put(name, name.fromKernel(value.get()));
    } else if (all.remove(name) == null) {
      return;
    }
    new AttributeStore(volume, inode).store(all);
    inode.touchChange(volume.now());
    inode.countChange();
    volume.inodes.write(inode);
  }

  void truncate(String path, Inode inode, long length) throws IOException {
    requireRegular(path, inode);
    new FileStore(volume, inode).truncate(length);
    inode.touch(volume.now());
    inode.countChange();
    volume.inodes.write(inode);
  }
}
