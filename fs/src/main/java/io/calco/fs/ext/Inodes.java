package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.Arrays;

/// The inode tables: inodes read and verified, and stored with their checksum.
final class Inodes {
  private final Geometry geometry;
  private final Blocks blocks;
  private final Groups groups;
  private final Checksums checksums;

  Inodes(Geometry geometry, Blocks blocks, Groups groups, Checksums checksums) {
    this.geometry = geometry;
    this.blocks = blocks;
    this.groups = groups;
    this.checksums = checksums;
  }

  private long blockOf(long number) throws IOException {
    long group = (number - 1) / geometry.inodesPerGroup();
    long index = (number - 1) % geometry.inodesPerGroup();
    return groups.inodeTableBlock(group) + index / geometry.inodesPerBlock();
  }

  private int at(long number) {
    long index = (number - 1) % geometry.inodesPerGroup();
    return (int) (index % geometry.inodesPerBlock()) * geometry.inodeSize();
  }

  /// The inode, verified and in use.
  ///
  /// @param number from a directory or the superblock: hostile
  Inode read(long number) throws IOException {
    Inode inode = readAny(number);
    long offset = geometry.byteOffset(blockOf(number)) + at(number);
    if (checksums.metadata()) {
      int found = storedSum(inode);
      int sum = sum(inode);
      if (found != sum) {
        throw corrupt(number, offset, "checksum 0x" + Integer.toHexString(found), hex(sum));
      }
    }
    if (inode.mode() == 0) {
      throw corrupt(number, offset, "a free inode", "one in use");
    }
    if (inode.size() < 0) {
      throw corrupt(number, offset + 4, "size " + hex(inode.size()), "a size below 2^63");
    }
    int extra = inode.extraSize();
    if (extra > geometry.inodeSize() - 128 || (extra & 3) != 0) {
      throw corrupt(number, offset + 0x80, "extra size " + extra, "a multiple of 4 that fits");
    }
    if (inode.hasFlag(Inode.FLAG_ENCRYPT)) {
      throw new io.calco.disk.UnsupportedFeatureException(
          "ext file system: inode " + number + " is encrypted (fscrypt)");
    }
    return inode;
  }

  /// The inode as it stands, in use or not.
  Inode readAny(long number) throws IOException {
    if (number < 1 || number > geometry.inodesCount()) {
      throw CorruptImageException.at(
          "ext file system", "inode number", 0, number, "1 to " + geometry.inodesCount());
    }
    byte[] block = blocks.read(blockOf(number), Blocks.Check.NONE);
    return new Inode(
        number, Arrays.copyOfRange(block, at(number), at(number) + geometry.inodeSize()));
  }

  /// Stores the inode with its checksum.
  void write(Inode inode) throws IOException {
    if (checksums.metadata()) {
      int sum = sum(inode);
      LittleEndian.put16(inode.raw(), 0x7C, sum);
      if (hasHighSum(inode)) {
        LittleEndian.put16(inode.raw(), 0x82, sum >>> 16);
      }
    }
    byte[] block = blocks.edit(blockOf(inode.number()), Blocks.Check.NONE);
    System.arraycopy(inode.raw(), 0, block, at(inode.number()), geometry.inodeSize());
  }

  private boolean hasHighSum(Inode inode) {
    return inode.extraSize() >= 4;
  }

  private int storedSum(Inode inode) {
    int low = LittleEndian.u16(inode.raw(), 0x7C);
    return hasHighSum(inode) ? low | LittleEndian.u16(inode.raw(), 0x82) << 16 : low;
  }

  private int sum(Inode inode) {
    byte[] raw = inode.raw().clone();
    LittleEndian.put16(raw, 0x7C, 0);
    if (hasHighSum(inode)) {
      LittleEndian.put16(raw, 0x82, 0);
    }
    int sum = Crc32c.update(checksums.inodeSeed(inode.number(), inode.generation()), raw);
    return hasHighSum(inode) ? sum : sum & 0xFFFF;
  }

  private static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  private static String hex(int value) {
    return "0x" + Integer.toHexString(value);
  }

  private static CorruptImageException corrupt(
      long number, long offset, String found, String expected) {
    return CorruptImageException.at("ext file system", "inode " + number, offset, found, expected);
  }
}
