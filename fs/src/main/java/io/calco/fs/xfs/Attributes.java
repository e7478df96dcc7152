package io.calco.fs.xfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.BigEndian;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/// Reads an inode's extended attributes: in the inode (short form), in leaves of blocks, values
/// longer than fit there in blocks of their own. Leaves are read one after the other; the nodes
/// above them are not needed.
final class Attributes {
  static final int LEAF_MAGIC_4 = 0xFBEE;
  static final int LEAF_MAGIC_5 = 0x3BEE;
  static final int NODE_MAGIC_4 = 0xFEBE;
  static final int NODE_MAGIC_5 = 0x3EBE;
  static final int VALUE_MAGIC = 0x5841524D;
  static final int VALUE_HEADER = 56;
  static final int FLAG_LOCAL = 1;
  static final int FLAG_INCOMPLETE = 0x80;
  static final int FLAG_PARENT = 8;

  /// The longest value.
  static final int MAX_VALUE = 1 << 16;

  /// Bytes of all values of a file, ours.
  private static final long MAX_TOTAL = 64L << 20;

  private final Volume volume;
  private final Inode inode;
  private final SequencedMap<AttributeName, byte[]> all = new LinkedHashMap<>();
  private long total;

  private Attributes(Volume volume, Inode inode) {
    this.volume = volume;
    this.inode = inode;
  }

  /// All attributes as they are stored, in the order of the leaves.
  static SequencedMap<AttributeName, byte[]> read(Volume volume, Inode inode) throws IOException {
    Attributes attributes = new Attributes(volume, inode);
    if (inode.hasAttributes()) {
      if (inode.attributeFormat() == Inode.LOCAL) {
        attributes.readShort();
      } else {
        attributes.readLeaves(Fork.attributes(volume, inode).extents());
      }
    }
    return attributes.all;
  }

  private CorruptImageException corrupt(Object found, Object expected) {
    return new CorruptImageException(
        "xfs file system: attributes of inode %d: found %s, expected %s"
            .formatted(inode.number(), found, expected));
  }

  private void add(int flags, byte[] suffix, byte[] value) throws LimitExceededException {
    total += value.length + suffix.length;
    if (total > MAX_TOTAL) {
      throw new LimitExceededException(
          "xfs file system: inode %d: more than %d bytes of attributes"
              .formatted(inode.number(), MAX_TOTAL));
    }
    if ((flags & (FLAG_PARENT | FLAG_INCOMPLETE)) == 0) {
      all.put(new AttributeName(flags, suffix), value);
    }
  }

  private void readShort() throws IOException {
    byte[] raw = inode.raw();
    int at = inode.attributeForkAt();
    int size = BigEndian.u16(raw, at);
    int count = BigEndian.u8(raw, at + 2);
    if (size < 4 || size > inode.attributeForkSize()) {
      throw corrupt("a short form of " + size + " bytes", "one that fits");
    }
    int end = at + size;
    at += 4;
    for (int i = 0; i < count; i++) {
      int nameLength = at + 3 <= end ? BigEndian.u8(raw, at) : 0;
      int valueLength = nameLength == 0 ? 0 : BigEndian.u8(raw, at + 1);
      int name = at + 3;
      int value = name + nameLength;
      if (nameLength == 0 || value + valueLength > end) {
        throw corrupt("entry " + i + " beyond the end", "one within");
      }
      add(
          BigEndian.u8(raw, at + 2),
          Arrays.copyOfRange(raw, name, value),
          Arrays.copyOfRange(raw, value, value + valueLength));
      at = value + valueLength;
    }
  }

  /// Reads every block that is a leaf, along the chain of leaves.
  private void readLeaves(ExtentList extents) throws IOException {
    long at = firstLeaf(extents);
    long blocks = extents.all().stream().mapToLong(Extent::count).sum();
    for (long visited = 0; at >= 0; visited++) {
      if (visited > blocks) {
        throw corrupt("a chain of leaves without end", "an end");
      }
      byte[] leaf = block(extents, at);
      readLeaf(leaf, extents);
      long next = BigEndian.u32(leaf, 0);
      at = next == 0 ? -1 : next;
    }
  }

  private boolean isMagic(byte[] block, int v4, int v5) {
    return BigEndian.u16(block, 8) == (volume.geometry.features.v5() ? v5 : v4);
  }

  /// Goes down the first entries of the nodes; −1 when there is no leaf.
  private long firstLeaf(ExtentList extents) throws IOException {
    if (extents.all().isEmpty()) {
      return -1;
    }
    boolean v5 = volume.geometry.features.v5();
    long at = 0;
    for (int depth = 0; depth < 6; depth++) {
      byte[] block = block(extents, at);
      if (!isMagic(block, NODE_MAGIC_4, NODE_MAGIC_5)) {
        return at;
      }
      at = BigEndian.u32(block, (v5 ? 64 : 16) + 4);
    }
    throw corrupt("a tree of more than 5 levels", "at most 5");
  }

  private byte[] block(ExtentList extents, long at) throws IOException {
    Geometry geometry = volume.geometry;
    Optional<Extent> extent = extents.at(at);
    if (extent.isEmpty()) {
      throw corrupt("a reference to block " + at, "a block of the attributes");
    }
    return volume.blocks.read(
        geometry.linear(extent.get().part(at, at + 1).start()),
        (content, offset) ->
            Metadata.INDEX.verify(geometry, content, 0, content.length, offset, inode.number()));
  }

  private void readLeaf(byte[] leaf, ExtentList extents) throws IOException {
    boolean v5 = volume.geometry.features.v5();
    if (!isMagic(leaf, LEAF_MAGIC_4, LEAF_MAGIC_5)) {
      throw corrupt("a block that is no leaf", "a leaf");
    }
    int count = BigEndian.u16(leaf, v5 ? 56 : 12);
    int entries = v5 ? 80 : 32;
    if (count > (leaf.length - entries) / 8) {
      throw corrupt(count + " entries in a leaf", "as many as fit");
    }
    for (int i = 0; i < count; i++) {
      int entry = entries + i * 8;
      int at = BigEndian.u16(leaf, entry + 4);
      int flags = BigEndian.u8(leaf, entry + 6);
      if (at < entries + count * 8 || at + 4 > leaf.length) {
        throw corrupt("an attribute at " + at + " of a leaf", "one behind the entries");
      }
      if ((flags & FLAG_LOCAL) != 0) {
        readLocal(leaf, at, flags);
      } else if ((flags & FLAG_INCOMPLETE) == 0) {
        readRemote(leaf, at, flags, extents);
      }
    }
  }

  private void readLocal(byte[] leaf, int at, int flags) throws IOException {
    int valueLength = BigEndian.u16(leaf, at);
    int nameLength = BigEndian.u8(leaf, at + 2);
    int value = at + 3 + nameLength;
    if (nameLength == 0 || value + valueLength > leaf.length) {
      throw corrupt("an attribute beyond its leaf", "one within");
    }
    add(
        flags,
        Arrays.copyOfRange(leaf, at + 3, value),
        Arrays.copyOfRange(leaf, value, value + valueLength));
  }

  private void readRemote(byte[] leaf, int at, int flags, ExtentList extents) throws IOException {
    int nameLength = at + 10 > leaf.length ? 0 : BigEndian.u8(leaf, at + 8);
    if (nameLength == 0 || at + 9 + nameLength > leaf.length) {
      throw corrupt("an attribute beyond its leaf", "one within");
    }
    long block = BigEndian.u32(leaf, at);
    long length = BigEndian.u32(leaf, at + 4);
    if (length > MAX_VALUE) {
      throw corrupt("a value of " + length + " bytes", "at most " + MAX_VALUE);
    }
    byte[] name = Arrays.copyOfRange(leaf, at + 9, at + 9 + nameLength);
    add(flags, name, value(extents, block, (int) length));
  }

  private byte[] value(ExtentList extents, long first, int length) throws IOException {
    Geometry geometry = volume.geometry;
    int header = geometry.features.v5() ? VALUE_HEADER : 0;
    byte[] value = new byte[length];
    int done = 0;
    for (long at = first; done < length; at++) {
      Optional<Extent> extent = extents.at(at);
      if (extent.isEmpty()) {
        throw corrupt("a value with a hole", "none");
      }
      byte[] block =
          volume.blocks.read(
              geometry.linear(extent.get().part(at, at + 1).start()),
              (content, offset) ->
                  Metadata.REMOTE_VALUE.verify(
                      geometry, content, 0, content.length, offset, inode.number()));
      int part = Math.min(length - done, block.length - header);
      if (header > 0
          && (BigEndian.s32(block, 0) != VALUE_MAGIC
              || BigEndian.u32(block, 4) != done
              || BigEndian.u32(block, 8) != part)) {
        throw corrupt("a block that is no part of a value", "one at " + done);
      }
      System.arraycopy(block, header, value, done, part);
      done += part;
    }
    return value;
  }
}
