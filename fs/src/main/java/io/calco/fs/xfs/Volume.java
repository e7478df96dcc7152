package io.calco.fs.xfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;

/// An opened file system's parts, which know each other through it.
final class Volume {
  private final Clock clock = Clock.systemUTC();
  final Geometry geometry;
  final Blocks blocks;
  final Inodes inodes;
  final Directories directories;
  final Undo undo = new Undo();
  final Space space;
  final InodeTable inodeTable;

  private Volume(Geometry geometry, Disk disk) {
    this.geometry = geometry;
    this.blocks = new Blocks(disk, geometry.blockBits, geometry.blocks);
    this.inodes = new Inodes(geometry, blocks);
    this.directories = new Directories(this);
    this.space = new Space(this, undo);
    this.inodeTable = new InodeTable(this);
  }

  /// Reads and checks the superblock on `disk`.
  static Volume load(Disk disk) throws IOException {
    if (disk.size() < Geometry.SUPERBLOCK_SIZE) {
      throw new CorruptImageException(
          "xfs file system: a disk of " + disk.size() + " bytes has no superblock");
    }
    Geometry geometry = Geometry.parse(disk.readBytes(0, Geometry.SUPERBLOCK_SIZE), disk.size());
    byte[] sector = disk.readBytes(0, geometry.sectorSize);
    Metadata.SUPERBLOCK.verify(geometry, sector, 0, sector.length, 0, Metadata.ANY);
    return new Volume(geometry, disk);
  }

  Instant now() {
    return clock.instant();
  }

  /// Starts an operation that can be undone.
  void begin() {
    blocks.begin();
    undo.forget();
  }

  void end() {
    blocks.end();
    undo.forget();
  }

  void rollback() {
    blocks.rollback();
    undo.undo();
    directories.forget();
  }

  /// A sector at the head of a group, with its metadata.
  ///
  /// @param index 0 superblock, 1 free space, 2 inodes, 3 free list
  byte[] groupHeader(int group, int index) throws IOException {
    long at = groupHeaderOffset(group, index);
    byte[] block = blocks.read(at >>> geometry.blockBits, (content, offset) -> {});
    int in = (int) (at & (geometry.blockSize() - 1));
    return java.util.Arrays.copyOfRange(block, in, in + geometry.sectorSize);
  }

  /// True when that sector stands in memory and not on the disk.
  boolean isGroupHeaderChanged(int group, int index) {
    return blocks.isChanged(groupHeaderOffset(group, index) >>> geometry.blockBits);
  }

  /// Changes that sector.
  void putGroupHeader(int group, int index, byte[] sector) throws IOException {
    long at = groupHeaderOffset(group, index);
    long block = at >>> geometry.blockBits;
    byte[] content = blocks.copy(block, 1);
    System.arraycopy(sector, 0, content, (int) (at & (geometry.blockSize() - 1)), sector.length);
    blocks.put(block, content, new Blocks.Buffer(block, 1, Buffers.HEADERS));
  }

  /// Where that sector is on the disk, in bytes.
  long groupHeaderOffset(int group, int index) {
    return (geometry.linear(group, 0) << geometry.blockBits) + (long) index * geometry.sectorSize;
  }
}
