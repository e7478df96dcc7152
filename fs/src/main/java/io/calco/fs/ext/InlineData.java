package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import java.io.IOException;
import java.util.Arrays;

/// Content that stands in the inode: its first 60 bytes in place of the block map, the rest as the
/// extended attribute `system.data`.
final class InlineData {
  static final int FIRST = Inode.BLOCK_MAP_SIZE;

  private final Inode inode;
  private final ExtendedAttributes attributes;
  private final int moreOffset;
  private final int moreLength;

  InlineData(Volume volume, Inode inode) throws IOException {
    this.inode = inode;
    this.attributes = new ExtendedAttributes(volume, inode);
    ExtendedAttributes.Entry data = attributes.findInInode(ExtendedAttributes.DATA).orElse(null);
    this.moreOffset = data == null ? 0 : data.valueAt();
    this.moreLength = data == null ? 0 : data.valueSize();
    if (inode.size() > FIRST + (long) moreLength) {
      throw CorruptImageException.at(
          "ext file system",
          "inode " + inode.number() + " inline data, offset in the inode",
          4,
          "size " + inode.size(),
          "at most " + (FIRST + moreLength));
    }
  }

  /// Where the content after the first 60 bytes begins in the inode's bytes.
  int moreOffset() {
    return moreOffset;
  }

  /// Its length; 0 when there is none.
  int moreLength() {
    return moreLength;
  }

  /// All of the content.
  byte[] content() {
    int size = (int) inode.size();
    byte[] content = new byte[size];
    byte[] raw = inode.raw();
    System.arraycopy(raw, Inode.BLOCK_MAP, content, 0, Math.min(size, FIRST));
    if (size > FIRST) {
      System.arraycopy(raw, moreOffset, content, FIRST, size - FIRST);
    }
    return content;
  }

  /// Puts content into an inode.
  ///
  /// @return false, with nothing changed, when there is no room
  static boolean store(Volume volume, Inode inode, byte[] content) throws IOException {
    byte[] more =
        content.length > FIRST ? Arrays.copyOfRange(content, FIRST, content.length) : new byte[0];
    ExtendedAttributes attributes = new ExtendedAttributes(volume, inode);
    if (!attributes.putInInode(ExtendedAttributes.DATA, more)) {
      return false;
    }
    byte[] raw = inode.raw();
    Arrays.fill(raw, Inode.BLOCK_MAP, Inode.BLOCK_MAP + Inode.BLOCK_MAP_SIZE, (byte) 0);
    System.arraycopy(content, 0, raw, Inode.BLOCK_MAP, Math.min(content.length, FIRST));
    inode.clearFlag(Inode.FLAG_EXTENTS);
    inode.setFlag(Inode.FLAG_INLINE_DATA);
    inode.putSize(content.length);
    return true;
  }

  /// Takes the content out of the inode, leaving an empty block map.
  void remove() throws IOException {
    byte[] raw = inode.raw();
    attributes.removeFromInode(ExtendedAttributes.DATA);
    Arrays.fill(raw, Inode.BLOCK_MAP, Inode.BLOCK_MAP + Inode.BLOCK_MAP_SIZE, (byte) 0);
    inode.clearFlag(Inode.FLAG_INLINE_DATA);
    inode.putSize(0);
  }
}
