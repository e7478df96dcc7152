package io.calco.fs.ext;

import io.calco.disk.Disk;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;

/// An opened file system's parts, which know each other through it.
final class Volume {
  final Geometry geometry;
  final Blocks blocks;
  final Checksums checksums;
  final Superblock superblock;
  final Groups groups;
  final Inodes inodes;
  final BlockAllocator allocator;
  final InodeAllocator inodeAllocator;
  private final Clock clock;

  private Volume(
      Geometry geometry, byte[] sb, Disk disk, Map<Long, Blocks.Replayed> replayed, Clock clock) {
    this.geometry = geometry;
    this.clock = clock;
    this.blocks = new Blocks(disk, geometry.blockBits(), geometry.blocksCount(), replayed);
    this.checksums = new Checksums(geometry.features(), sb);
    this.superblock = new Superblock(geometry, blocks);
    this.groups = new Groups(geometry, blocks, checksums);
    this.inodes = new Inodes(geometry, blocks, groups, checksums);
    this.allocator = new BlockAllocator(geometry, blocks, groups, superblock);
    this.inodeAllocator = new InodeAllocator(geometry, groups, inodes, superblock);
  }

  /// Reads and checks the superblock on `disk`.
  static Volume load(Disk disk) throws IOException {
    if (disk.size() < Geometry.SUPERBLOCK_OFFSET + Geometry.SUPERBLOCK_SIZE) {
      throw new io.calco.disk.CorruptImageException(
          "ext file system: a disk of " + disk.size() + " bytes has no superblock");
    }
    byte[] sb = disk.readBytes(Geometry.SUPERBLOCK_OFFSET, Geometry.SUPERBLOCK_SIZE);
    return of(disk, sb, Map.of());
  }

  /// The file system with a superblock of `sb`, some of whose blocks stand in its journal.
  static Volume of(Disk disk, byte[] sb, Map<Long, Blocks.Replayed> replayed) throws IOException {
    return new Volume(Geometry.parse(sb, disk.size()), sb, disk, replayed, Clock.systemUTC());
  }

  Instant now() {
    return clock.instant();
  }

  /// True when the feature bit is set.
  boolean incompat(int bit) {
    return geometry.features().hasIncompat(bit);
  }

  /// Starts an operation that can be undone.
  void begin() {
    blocks.begin();
    allocator.begin();
  }

  void rollback() {
    blocks.rollback();
    allocator.rollback();
  }

  void end() {
    blocks.end();
    allocator.begin();
  }

  /// A block near the inode's own group, to put its content.
  long goal(Inode inode) {
    return geometry.firstBlock(inodeAllocator.groupOf(inode.number()));
  }
}
