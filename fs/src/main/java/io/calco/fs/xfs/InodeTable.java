package io.calco.fs.xfs;

import io.calco.disk.CorruptImageException;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;

/// Gives inodes out and takes them back.
final class InodeTable {
  private final Volume volume;
  private final Random generations = new Random();

  InodeTable(Volume volume) {
    this.volume = volume;
  }

  /// A new inode in use, near its directory; the caller stores it.
  ///
  /// @param mode its kind and permissions
  Inode take(Inode directory, int mode, long links) throws IOException {
    Geometry geometry = volume.geometry;
    int near = geometry.groupOfInode(directory.number());
    Place place = placeWithFree(near);
    int group = place.group();
    Group.Chunk chunk = place.chunk();
    int bit = Long.numberOfTrailingZeros(chunk.usable());
    volume
        .space
        .group(group)
        .put(new Group.Chunk(chunk.start(), chunk.holes(), chunk.free() & ~(1L << bit)));
    long number = geometry.inodeNumber(group, chunk.start() + bit);
    Inode old = volume.inodes.readAny(number);
    if (old.mode() != 0) {
      throw new CorruptImageException(
          "xfs file system: inode %d is free, but in use".formatted(number));
    }
    Inode inode = Inode.fresh(geometry, number, old.generation() + 1);
    Instant now = volume.now();
    inode.initialise(geometry, mode, links, now);
    return inode;
  }

  private record Place(int group, Group.Chunk chunk) {}

  private Place placeWithFree(int near) throws IOException {
    int groups = volume.geometry.groups;
    for (int i = 0; i < groups; i++) {
      Group group = volume.space.group((near + i) % groups);
      Optional<Group.Chunk> chunk =
          group.chunks.values().stream().filter(some -> some.usable() != 0).findFirst();
      if (chunk.isPresent()) {
        return new Place(group.number, chunk.get());
      }
      if (i == 0) {
        try {
          return newChunk(near);
        } catch (Space.NoSpaceException e) {
          // Elsewhere there may be one with a free inode.
        }
      }
    }
    return newChunk(near);
  }

  private Place newChunk(int near) throws IOException {
    Geometry geometry = volume.geometry;
    long blocks = Math.max(1, Group.CHUNK >> geometry.inodesPerBlockBits);
    long first = volume.space.takeRun(near, blocks, Math.max(1, geometry.inodeAlignment));
    int group = geometry.group(first);
    long start = geometry.inGroup(first) << geometry.inodesPerBlockBits;
    for (int i = 0; i < Group.CHUNK; i++) {
      long number = geometry.inodeNumber(group, start + i);
      volume.inodes.writeFresh(
          Inode.fresh(geometry, number, Integer.toUnsignedLong(generations.nextInt())));
    }
    Group.Chunk chunk = new Group.Chunk(start, 0, -1);
    volume.space.group(group).put(chunk);
    return new Place(group, chunk);
  }

  /// Gives an inode back that holds nothing any more; what it held is wiped.
  void release(Inode inode) throws IOException {
    Geometry geometry = volume.geometry;
    long inGroup = geometry.inodeInGroup(inode.number());
    Group group = volume.space.group(geometry.groupOfInode(inode.number()));
    var around = group.chunks.floorEntry(inGroup);
    long bit = around == null ? 0 : inGroup - around.getKey();
    if (around == null || bit >= Group.CHUNK || (around.getValue().free() & 1L << bit) != 0) {
      throw new CorruptImageException(
          "xfs file system: inode %d is in use, but free".formatted(inode.number()));
    }
    Group.Chunk chunk = around.getValue();
    group.put(new Group.Chunk(chunk.start(), chunk.holes(), chunk.free() | 1L << bit));
    Inode fresh = Inode.fresh(geometry, inode.number(), inode.generation() + 1);
    fresh.initialise(geometry, 0, 0, volume.now());
    volume.inodes.write(fresh);
  }
}
