package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/// The extended attributes of an inode: first in what its 128 bytes and their extension leave free
/// in the inode table, then in one block, which inodes with equal attributes may share.
///
/// Changes are made in the inode's bytes in memory and in the block; the caller stores the inode.
final class ExtendedAttributes {
  /// The content of files and directories that stand in the inode.
  static final AttributeName DATA = AttributeName.of("system.data");

  private static final int MAGIC = 0xEA020000;
  private static final int ENTRY = 16;
  private static final int BLOCK_HEADER = 32;

  /// An attribute's entry.
  ///
  /// @param valueAt where the value is in the array that holds the entry
  /// @param valueInode the inode that holds the value, or 0
  record Entry(AttributeName name, int valueAt, int valueSize, long valueInode) {}

  private static final class Attribute {
    private final AttributeName name;
    private final byte[] value;

    Attribute(AttributeName name, byte[] value) {
      this.name = name;
      this.value = value;
    }

    int entrySize() {
      return ENTRY + ((name.suffix().length + 3) & ~3);
    }

    int valueSize() {
      return (value.length + 3) & ~3;
    }
  }

  private final Volume volume;
  private final Inode inode;

  ExtendedAttributes(Volume volume, Inode inode) {
    this.volume = volume;
    this.inode = inode;
  }

  /// Where the inode's own attributes begin, after their magic; -1 when it has no room for any.
  private int inodeStart() {
    int at = 128 + inode.extraSize() + 4;
    return inode.extraSize() >= 4 && at + 4 <= inode.raw().length ? at : -1;
  }

  private List<Entry> inodeEntries() throws CorruptImageException {
    int start = inodeStart();
    if (start < 0 || LittleEndian.s32(inode.raw(), start - 4) != MAGIC) {
      return List.of();
    }
    return parse(inode.raw(), start, start, 0);
  }

  private byte[] block() throws IOException {
    long number = inode.attributeBlock();
    byte[] bytes = volume.blocks.read(number, this::checkBlock);
    if (LittleEndian.s32(bytes, 0) != MAGIC || LittleEndian.u32(bytes, 8) != 1) {
      throw CorruptImageException.at(
          "ext file system",
          "inode " + inode.number() + " extended attribute block",
          volume.geometry.byteOffset(number),
          "magic 0x%x, %d blocks".formatted(LittleEndian.s32(bytes, 0), LittleEndian.u32(bytes, 8)),
          "magic 0xea020000, 1 block");
    }
    return bytes;
  }

  private void checkBlock(long number, byte[] bytes) throws CorruptImageException {
    if (!volume.checksums.metadata()) {
      return;
    }
    int found = LittleEndian.s32(bytes, 16);
    int sum = blockSum(number, bytes);
    if (found != sum) {
      throw CorruptImageException.at(
          "ext file system",
          "inode " + inode.number() + " extended attribute block",
          volume.geometry.byteOffset(number),
          "checksum 0x" + Integer.toHexString(found),
          "0x" + Integer.toHexString(sum));
    }
  }

  private int blockSum(long number, byte[] bytes) {
    byte[] copy = bytes.clone();
    LittleEndian.put32(copy, 16, 0);
    return volume.checksums.numbered(number, copy);
  }

  private List<Entry> blockEntries() throws IOException {
    if (inode.attributeBlock() == 0) {
      return List.of();
    }
    return parse(block(), BLOCK_HEADER, 0, volume.geometry.byteOffset(inode.attributeBlock()));
  }

  /// Reads entries.
  ///
  /// @param at where the first is
  /// @param base where the values' offsets count from
  /// @param where the array in the file system, in bytes, for messages
  private List<Entry> parse(byte[] bytes, int at, int base, long where)
      throws CorruptImageException {
    List<Entry> entries = new ArrayList<>();
    while (at + 4 <= bytes.length && LittleEndian.s32(bytes, at) != 0) {
      int nameLength = LittleEndian.u8(bytes, at);
      int next = at + ENTRY + ((nameLength + 3) & ~3);
      if (next > bytes.length) {
        throw corruptEntry(where + at, "a name of " + nameLength + " bytes");
      }
      int valueAt = base + LittleEndian.u16(bytes, at + 2);
      long valueInode = LittleEndian.u32(bytes, at + 4);
      long size = LittleEndian.u32(bytes, at + 8);
      if (size > 65536 || (valueInode == 0 && valueAt + size > bytes.length)) {
        throw corruptEntry(where + at, size + " bytes at " + valueAt);
      }
      byte[] suffix = Arrays.copyOfRange(bytes, at + ENTRY, at + ENTRY + nameLength);
      AttributeName name = new AttributeName(LittleEndian.u8(bytes, at + 1), suffix);
      entries.add(new Entry(name, valueAt, (int) size, valueInode));
      at = next;
    }
    return entries;
  }

  private CorruptImageException corruptEntry(long where, String found) {
    return CorruptImageException.at(
        "ext file system",
        "inode " + inode.number() + " extended attribute",
        where,
        found,
        "an entry within its block");
  }

  private byte[] value(byte[] bytes, Entry entry) throws IOException {
    if (entry.valueInode() == 0) {
      return Arrays.copyOfRange(bytes, entry.valueAt(), entry.valueAt() + entry.valueSize());
    }
    Inode holder = volume.inodes.read(entry.valueInode());
    byte[] value = new byte[entry.valueSize()];
    if (!holder.hasFlag(Inode.FLAG_EA_INODE)
        || new FileData(volume, holder).read(0, MemorySegment.ofArray(value)) != value.length) {
      throw new CorruptImageException(
          "ext file system: inode %d: an extended attribute's value is not in inode %d"
              .formatted(inode.number(), entry.valueInode()));
    }
    return value;
  }

  /// All attributes under their full names, values as the kernel hands them out.
  SequencedMap<String, byte[]> all() throws IOException {
    SequencedMap<String, byte[]> all = new LinkedHashMap<>();
    for (Attribute attribute : inodeAttributes()) {
      if (!attribute.name.equals(DATA)) {
        all.put(attribute.name.text(), attribute.name.toKernel(attribute.value));
      }
    }
    for (Attribute attribute : blockAttributes()) {
      all.putIfAbsent(attribute.name.text(), attribute.name.toKernel(attribute.value));
    }
    return all;
  }

  Optional<Entry> findInInode(AttributeName name) throws CorruptImageException {
    return inodeEntries().stream().filter(entry -> entry.name().equals(name)).findFirst();
  }

  private List<Attribute> inodeAttributes() throws IOException {
    List<Attribute> attributes = new ArrayList<>();
    for (Entry entry : inodeEntries()) {
      attributes.add(new Attribute(entry.name(), value(inode.raw(), entry)));
    }
    return attributes;
  }

  private List<Attribute> blockAttributes() throws IOException {
    List<Attribute> attributes = new ArrayList<>();
    for (Entry entry : blockEntries()) {
      attributes.add(new Attribute(entry.name(), value(block(), entry)));
    }
    return attributes;
  }

  /// Sets an attribute in the inode itself.
  ///
  /// @return false, with nothing changed, when there is no room
  boolean putInInode(AttributeName name, byte[] value) throws IOException {
    List<Attribute> attributes = without(inodeAttributes(), name);
    attributes.add(new Attribute(name, value));
    return storeInInode(attributes);
  }

  void removeFromInode(AttributeName name) throws IOException {
    storeInInode(without(inodeAttributes(), name));
  }

  private static List<Attribute> without(List<Attribute> attributes, AttributeName name) {
    List<Attribute> rest = new ArrayList<>(attributes);
    rest.removeIf(attribute -> attribute.name.equals(name));
    return rest;
  }

  private boolean storeInInode(List<Attribute> attributes) {
    int start = inodeStart();
    byte[] raw = inode.raw();
    if (start < 0) {
      return attributes.isEmpty();
    }
    if (size(attributes) > raw.length - start) {
      return false;
    }
    Arrays.fill(raw, start - 4, raw.length, (byte) 0);
    if (!attributes.isEmpty()) {
      LittleEndian.put32(raw, start - 4, MAGIC);
      lay(attributes, raw, start, start, false);
    }
    return true;
  }

  /// Bytes that entries, values and the closing zero take.
  private static int size(List<Attribute> attributes) {
    int size = 4;
    for (Attribute attribute : attributes) {
      size += attribute.entrySize() + attribute.valueSize();
    }
    return size;
  }

  private static void lay(
      List<Attribute> attributes, byte[] bytes, int start, int base, boolean hashed) {
    int at = start;
    int end = bytes.length;
    for (Attribute attribute : attributes) {
      AttributeName name = attribute.name;
      end -= attribute.valueSize();
      System.arraycopy(attribute.value, 0, bytes, end, attribute.value.length);
      LittleEndian.put8(bytes, at, name.suffix().length);
      LittleEndian.put8(bytes, at + 1, name.index());
      LittleEndian.put16(bytes, at + 2, attribute.value.length == 0 ? 0 : end - base);
      LittleEndian.put32(bytes, at + 8, attribute.value.length);
      LittleEndian.put32(bytes, at + 12, hashed ? hash(attribute) : 0);
      System.arraycopy(name.suffix(), 0, bytes, at + ENTRY, name.suffix().length);
      at += attribute.entrySize();
    }
  }

  private static int hash(Attribute attribute) {
    int hash = 0;
    for (byte character : attribute.name.suffix()) {
      hash = (hash << 5) ^ (hash >>> 27) ^ (character & 0xFF);
    }
    byte[] value = Arrays.copyOf(attribute.value, attribute.valueSize());
    for (int at = 0; at < value.length; at += 4) {
      hash = (hash << 16) ^ (hash >>> 16) ^ LittleEndian.s32(value, at);
    }
    return hash;
  }

  /// Sets or removes an attribute: in the inode while there is room, else in the block.
  void put(AttributeName name, Optional<byte[]> kernelValue) throws IOException {
    List<Attribute> inInode = without(inodeAttributes(), name);
    List<Attribute> inBlock = without(blockAttributes(), name);
    boolean wasInBlock = inBlock.size() != blockEntries().size();
    boolean stored = kernelValue.isEmpty();
    if (kernelValue.isPresent()) {
      Attribute attribute = new Attribute(name, name.fromKernel(kernelValue.get()));
      List<Attribute> more = new ArrayList<>(inInode);
      more.add(attribute);
      stored = storeInInode(more);
      if (!stored) {
        inBlock.add(attribute);
        storeInInode(inInode);
      }
    } else {
      storeInInode(inInode);
    }
    if (!stored || wasInBlock) {
      storeInBlock(inBlock);
    }
  }

  private void storeInBlock(List<Attribute> attributes) throws IOException {
    if (size(attributes) > volume.geometry.blockSize() - BLOCK_HEADER) {
      throw new LimitExceededException(
          "ext file system: inode %d: no room for one more extended attribute in its block"
              .formatted(inode.number()));
    }
    release();
    if (attributes.isEmpty()) {
      return;
    }
    attributes.sort(
        Comparator.comparingInt((Attribute attribute) -> attribute.name.index())
            .thenComparingInt(attribute -> attribute.name.suffix().length)
            .thenComparing(attribute -> attribute.name.suffix(), Arrays::compareUnsigned));
    volume.superblock.addFeature(
        Superblock.COMPAT, Features.COMPAT_EXT_ATTR, "extended attributes");
    long number = volume.allocator.allocateBlock(volume.goal(inode));
    byte[] bytes = volume.blocks.create(number);
    LittleEndian.put32(bytes, 0, MAGIC);
    LittleEndian.put32(bytes, 4, 1);
    LittleEndian.put32(bytes, 8, 1);
    lay(attributes, bytes, BLOCK_HEADER, 0, true);
    int hash = 0;
    for (Attribute attribute : attributes) {
      int one = hash(attribute);
      hash = one == 0 ? 0 : (hash << 16) ^ (hash >>> 16) ^ one;
      if (one == 0) {
        break;
      }
    }
    LittleEndian.put32(bytes, 12, hash);
    if (volume.checksums.metadata()) {
      LittleEndian.put32(bytes, 16, blockSum(number, bytes));
    }
    inode.putAttributeBlock(number);
    inode.addBlocks(volume.geometry, 1);
  }

  /// Moves the attribute block, if it lies outside and was not moved for another inode yet.
  void relocate(BlockMoves moves) throws IOException {
    long number = inode.attributeBlock();
    if (number == 0 || !moves.isOutside(number)) {
      return;
    }
    byte[] old = block();
    OptionalLong known = moves.find(number);
    if (known.isPresent()) {
      inode.putAttributeBlock(known.getAsLong());
      return;
    }
    long now = moves.newBlock(number);
    byte[] bytes = volume.blocks.create(now);
    System.arraycopy(old, 0, bytes, 0, bytes.length);
    if (volume.checksums.metadata()) {
      LittleEndian.put32(bytes, 16, blockSum(now, bytes));
    }
    inode.putAttributeBlock(now);
  }

  /// Gives up the inode's part in its attribute block.
  void release() throws IOException {
    long number = inode.attributeBlock();
    if (number == 0) {
      return;
    }
    block();
    byte[] bytes = volume.blocks.edit(number, Blocks.Check.NONE);
    long holders = LittleEndian.u32(bytes, 4);
    if (holders > 1) {
      LittleEndian.put32(bytes, 4, holders - 1);
      if (volume.checksums.metadata()) {
        LittleEndian.put32(bytes, 16, blockSum(number, bytes));
      }
    } else {
      for (Entry entry : blockEntries()) {
        if (entry.valueInode() != 0) {
          throw new UnsupportedFeatureException(
              "ext file system: inode %d: an extended attribute in an inode of its own (ea_inode)"
                  .formatted(inode.number()));
        }
      }
      volume.allocator.free(number, 1);
    }
    inode.putAttributeBlock(0);
    inode.addBlocks(volume.geometry, -1);
  }
}
