package io.calco.fs.btrfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// An opened file system: its superblock, chunks, and the tree of its trees.
final class Volume {
  private static final byte[] DEFAULT = {'d', 'e', 'f', 'a', 'u', 'l', 't'};

  final Disk disk;
  final Superblock superblock;
  final Nodes nodes;
  final Tree rootTree;
  private final Map<Long, Optional<SubvolumeTree>> subvolumes = new HashMap<>();

  private Volume(Disk disk, Superblock superblock, Nodes nodes) {
    this.disk = disk;
    this.superblock = superblock;
    this.nodes = nodes;
    this.rootTree = new Tree(nodes, superblock.rootTree());
  }

  static Volume load(Disk disk) throws IOException {
    Superblock superblock = Superblock.read(disk);
    Nodes nodes = new Nodes(disk, superblock, ChunkMap.ofSystem(superblock));
    Cursor item = new Tree(nodes, superblock.chunkTree()).from(Keys.CHUNKS, Keys.CHUNK_ITEM, 0);
    for (; item.is(Keys.CHUNKS, Keys.CHUNK_ITEM); item.next()) {
      nodes.chunks().add(item);
    }
    return new Volume(disk, superblock, nodes);
  }

  /// The tree of that number, from the tree of trees.
  Optional<RootItem> findRoot(long id) throws IOException {
    Cursor item = rootTree.upTo(id, Keys.ROOT_ITEM, -1);
    return item.is(id, Keys.ROOT_ITEM) ? Optional.of(RootItem.of(item)) : Optional.empty();
  }

  /// The tree of that number, which every file system has.
  Tree getTree(long id) throws IOException {
    return findRoot(id)
        .map(root -> new Tree(nodes, root.tree()))
        .orElseThrow(() -> new CorruptImageException("btrfs file system: it has no tree " + id));
  }

  /// The subvolume of that number; empty when there is none, or it is being deleted.
  Optional<SubvolumeTree> findSubvolume(long id) throws IOException {
    Optional<SubvolumeTree> found = subvolumes.get(id);
    if (found == null) {
      found =
          Keys.isSubvolume(id)
              ? findRoot(id)
                  .filter(RootItem::alive)
                  .map(
                      root -> new SubvolumeTree(id, new Tree(nodes, root.tree()), root.directory()))
              : Optional.empty();
      subvolumes.put(id, found);
    }
    return found;
  }

  /// The number of the subvolume that is shown when none is asked for.
  long defaultSubvolume() throws IOException {
    Cursor item = rootTree.from(Keys.ROOT_TREE_DIRECTORY, Keys.DIR_ITEM, 0);
    for (; item.is(Keys.ROOT_TREE_DIRECTORY, Keys.DIR_ITEM); item.next()) {
      for (NamedItem named : NamedItem.all(item)) {
        if (named.hasName(DEFAULT)) {
          return named.objectid();
        }
      }
    }
    return Keys.TOP_LEVEL;
  }

  /// True when the directory is where the parent has that child: snapshots of the parent have the
  /// same entry, but not the child.
  ///
  /// @param name the child's in the directory
  boolean isMountedAt(long parent, long child, long directory, String name) throws IOException {
    Cursor item = rootTree.upTo(parent, Keys.ROOT_REF, child);
    if (!item.is(parent, Keys.ROOT_REF) || item.offset() != child) {
      return false;
    }
    RootReference reference = RootReference.of(item);
    return reference.directory() == directory && reference.name().equals(name);
  }
}
