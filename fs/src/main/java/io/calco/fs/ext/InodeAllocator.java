package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import java.io.IOException;

/// Takes inodes from the inode bitmaps and gives them back.
final class InodeAllocator {
  private final Geometry geometry;
  private final Groups groups;
  private final Inodes inodes;
  private final Superblock superblock;

  InodeAllocator(Geometry geometry, Groups groups, Inodes inodes, Superblock superblock) {
    this.geometry = geometry;
    this.groups = groups;
    this.inodes = inodes;
    this.superblock = superblock;
  }

  /// Takes an inode for a file: in its directory's group, or the next with a free one.
  Inode allocateFile(Inode parent) throws IOException {
    return allocate(groupOf(parent.number()), false);
  }

  /// Takes an inode for a directory: directories under the root are spread over the groups with
  /// more free inodes than the average, others stay near their parent.
  Inode allocateDirectory(Inode parent) throws IOException {
    long start = groupOf(parent.number());
    if (parent.number() == Inode.ROOT) {
      long average = superblock.u32(Superblock.FREE_INODES) / geometry.groupCount();
      int fewest = Integer.MAX_VALUE;
      for (long group = 0; group < Math.min(geometry.groupCount(), 1024); group++) {
        if (groups.freeInodes(group) >= Math.max(1, average)
            && groups.freeBlocks(group) > 0
            && groups.directories(group) < fewest) {
          fewest = groups.directories(group);
          start = group;
        }
      }
    }
    return allocate(start, true);
  }

  long groupOf(long inode) {
    return (inode - 1) / geometry.inodesPerGroup();
  }

  private Inode allocate(long start, boolean directory) throws IOException {
    return fresh(take(geometry.groupCount(), start, directory));
  }

  /// Takes a number of an inode in the groups before `groupCount`.
  ///
  /// @param start the group to begin with; any
  /// @throws NoSpaceException when they have no free one
  long take(long groupCount, long start, boolean directory) throws IOException {
    for (long i = 0; i < groupCount; i++) {
      long group = (start + i) % groupCount;
      if (groups.freeInodes(group) == 0) {
        continue;
      }
      int from = group == 0 ? geometry.firstInode() - 1 : 0;
      int index = Bits.nextClear(groups.inodeBitmap(group), from, geometry.inodesPerGroup());
      if (index < geometry.inodesPerGroup()) {
        take(group, index, directory);
        return group * geometry.inodesPerGroup() + index + 1;
      }
    }
    throw new NoSpaceException(
        geometry.features().typeName() + " file system: no free inode is left");
  }

  private void take(long group, int index, boolean directory) throws IOException {
    if (geometry.features().descriptorChecksums()) {
      int used =
          groups.inodesUninitialised(group)
              ? 0
              : geometry.inodesPerGroup() - groups.unusedInodes(group);
      if (index >= used) {
        groups.putUnusedInodes(group, geometry.inodesPerGroup() - index - 1);
      }
      if (groups.blocksUninitialised(group)) {
        groups.editBlockBitmap(group);
      }
    }
    Bits.set(groups.editInodeBitmap(group), index, index + 1);
    groups.addFreeInodes(group, -1);
    superblock.addFreeInodes(-1);
    if (directory) {
      groups.addDirectories(group, 1);
    }
  }

  /// The inode, empty but for a generation that its number did not have before.
  private Inode fresh(long number) throws IOException {
    int generation = inodes.readAny(number).generation() + 1;
    Inode inode = new Inode(number, new byte[geometry.inodeSize()]);
    inode.putGeneration(generation);
    if (geometry.inodeSize() > 128) {
      int wanted = superblock.u16(Superblock.WANT_EXTRA_ISIZE);
      boolean sane = wanted >= 4 && (wanted & 3) == 0 && wanted <= geometry.inodeSize() - 128;
      inode.putExtraSize(sane ? wanted : 28);
    }
    return inode;
  }

  /// Gives the inode back and wipes it: nothing of the deleted file is left but the generation.
  void free(Inode inode) throws IOException {
    long group = groupOf(inode.number());
    int index = (int) ((inode.number() - 1) % geometry.inodesPerGroup());
    byte[] bits = groups.editInodeBitmap(group);
    if (!Bits.get(bits, index)) {
      throw CorruptImageException.at(
          "ext file system",
          "group " + group + " inode bitmap",
          geometry.byteOffset(groups.inodeBitmapBlock(group)) + (index >> 3),
          "inode " + inode.number() + " marked free but used by a name",
          "marked in use");
    }
    Bits.clear(bits, index, index + 1);
    groups.addFreeInodes(group, 1);
    superblock.addFreeInodes(1);
    if (inode.isDirectory()) {
      groups.addDirectories(group, -1);
    }
    Inode wiped = new Inode(inode.number(), new byte[geometry.inodeSize()]);
    wiped.putGeneration(inode.generation());
    inodes.write(wiped);
  }
}
