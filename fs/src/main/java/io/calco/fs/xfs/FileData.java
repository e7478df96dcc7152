package io.calco.fs.xfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.BigEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// The content of regular files and symbolic links.
final class FileData {
  /// The longest target of a symbolic link.
  static final int MAX_TARGET = 1024;

  private static final int LINK_MAGIC = 0x58534C4D;
  private static final int LINK_HEADER = 56;

  private FileData() {}

  /// Reads content; holes and blocks only set aside are zeroes.
  ///
  /// @return bytes read; fewer than asked only at the end of the file
  static int read(Volume volume, Inode inode, ExtentList extents, long offset, MemorySegment dst)
      throws IOException {
    long length = Math.min(dst.byteSize(), Math.max(0, inode.size() - offset));
    length = Math.min(length, Integer.MAX_VALUE);
    if (length <= 0) {
      return 0;
    }
    int bits = volume.geometry.blockBits;
    long done = 0;
    int index = extents.indexAfter(offset >> bits);
    while (done < length) {
      long at = offset + done;
      Extent extent = index < extents.all().size() ? extents.all().get(index) : null;
      long start = extent == null ? Long.MAX_VALUE : startOf(extent, bits);
      if (extent == null || start > at) {
        long until = Math.min(length, start - offset);
        dst.asSlice(done, until - done).fill((byte) 0);
        done = until;
        continue;
      }
      long in = at - start;
      long part = Math.min((extent.count() << bits) - in, length - done);
      if (extent.unwritten()) {
        dst.asSlice(done, part).fill((byte) 0);
      } else {
        long block = volume.geometry.linear(extent.start());
        volume.blocks.readContent(block, in, dst.asSlice(done, part));
      }
      done += part;
      index++;
    }
    return (int) length;
  }

  /// First byte of an extent in its file; beyond any file when it lies so far out.
  private static long startOf(Extent extent, int bits) {
    return extent.offset() > Long.MAX_VALUE >> bits ? Long.MAX_VALUE : extent.offset() << bits;
  }

  /// All of a symbolic link's target.
  static byte[] target(Volume volume, Inode inode) throws IOException {
    long size = inode.size();
    if (size == 0 || size > MAX_TARGET) {
      throw corrupt(inode, "a target of " + size + " bytes", "1 to " + MAX_TARGET);
    }
    if (inode.format() == Inode.LOCAL) {
      return Arrays.copyOfRange(inode.raw(), inode.coreSize(), inode.coreSize() + (int) size);
    }
    Geometry geometry = volume.geometry;
    byte[] target = new byte[(int) size];
    ExtentList extents = Fork.data(volume, inode).extents();
    int done = 0;
    // Each extent is one buffer, with one header.
    for (Extent extent : extents.all()) {
      if (done == size) {
        break;
      }
      if (extent.unwritten() || extent.count() > MAX_TARGET) {
        throw corrupt(inode, "a target in " + extent, "one in few blocks");
      }
      long linear = geometry.linear(extent.start());
      byte[] content = volume.blocks.copy(linear, (int) extent.count());
      if (!volume.blocks.isChanged(linear)) {
        long offset = linear << geometry.blockBits;
        Metadata.LINK.verify(geometry, content, 0, content.length, offset, inode.number());
      }
      int header = geometry.features.v5() ? LINK_HEADER : 0;
      int part = (int) Math.min(size - done, content.length - header);
      if (header > 0
          && (BigEndian.s32(content, 0) != LINK_MAGIC
              || BigEndian.u32(content, 4) != done
              || BigEndian.u32(content, 8) != part)) {
        throw corrupt(inode, "a block that is no part of a target", "part from " + done);
      }
      System.arraycopy(content, header, target, done, part);
      done += part;
    }
    if (done < size) {
      throw corrupt(inode, "blocks for " + done + " bytes of its target", size);
    }
    return target;
  }

  private static CorruptImageException corrupt(Inode inode, Object found, Object expected) {
    return new CorruptImageException(
        "xfs file system: symbolic link %d: found %s, expected %s"
            .formatted(inode.number(), found, expected));
  }
}
