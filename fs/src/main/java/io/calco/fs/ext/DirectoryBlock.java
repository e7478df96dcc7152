package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Directory entries that lie one after another: a block of a directory, or a part of an inode.
///
/// Every entry's length is checked before it is followed. A removed entry leaves no byte of its
/// name.
final class DirectoryBlock {
  /// Bytes before the name.
  static final int HEADER = 8;

  /// Bytes of the false entry at the end that holds the checksum.
  static final int TAIL = 12;

  private static final int TAIL_TYPE = 0xDE;

  private static final FileType[] TYPES = {
    FileType.UNKNOWN,
    FileType.REGULAR,
    FileType.DIRECTORY,
    FileType.CHARACTER_DEVICE,
    FileType.BLOCK_DEVICE,
    FileType.FIFO,
    FileType.SOCKET,
    FileType.SYMBOLIC_LINK
  };

  /// Takes entries in use.
  @FunctionalInterface
  interface EntryVisitor {
    /// One entry; false ends the walk.
    boolean accept(int at, long inode, byte[] name, FileType type) throws java.io.IOException;
  }

  private final byte[] bytes;
  private final int from;
  private final int to;
  private final int blockSize;
  private final boolean types;
  private final long directory;
  private final long offset;

  /// @param bytes array with the entries
  /// @param from where they begin
  /// @param to where they end
  /// @param directory the directory's inode, for messages
  /// @param offset where `bytes` lies in the file system, in bytes, for messages
  DirectoryBlock(Geometry geometry, byte[] bytes, int from, int to, long directory, long offset) {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.blockSize = geometry.blockSize();
    this.types = geometry.features().hasIncompat(Features.INCOMPAT_FILETYPE);
    this.directory = directory;
    this.offset = offset;
  }

  private int recordLength(int at) {
    int raw = LittleEndian.u16(bytes, at + 4);
    if (blockSize < 65536) {
      return raw;
    }
    return raw == 65535 || raw == 0 ? blockSize : (raw & 65532) | (raw & 3) << 16;
  }

  private void putRecordLength(int at, int length) {
    int raw = length;
    if (blockSize >= 65536) {
      raw = length == 65536 ? 65535 : (length & 65532) | ((length >> 16) & 3);
    }
    LittleEndian.put16(bytes, at + 4, raw);
  }

  private int nameLength(int at) {
    return types ? LittleEndian.u8(bytes, at + 6) : LittleEndian.u16(bytes, at + 6);
  }

  long inode(int at) {
    return LittleEndian.u32(bytes, at);
  }

  byte[] name(int at) {
    return Arrays.copyOfRange(bytes, at + HEADER, at + HEADER + nameLength(at));
  }

  FileType type(int at) {
    int code = types ? LittleEndian.u8(bytes, at + 7) & 7 : 0;
    return TYPES[code];
  }

  /// Bytes that an entry with a name of `length` bytes takes.
  static int entrySize(int length) {
    return (HEADER + length + 3) & ~3;
  }

  /// Where the entry after `at` begins; [#end] after the last.
  int next(int at) throws CorruptImageException {
    return at + checkedLength(at);
  }

  int start() {
    return from;
  }

  int end() {
    return to;
  }

  private int checkedLength(int at) throws CorruptImageException {
    int length = to - at >= HEADER ? recordLength(at) : 0;
    if (length < HEADER + 4 && !(length == HEADER && inode(at) == 0)
        || (length & 3) != 0
        || length > to - at
        || (inode(at) != 0 && entrySize(nameLength(at)) > length)) {
      throw CorruptImageException.at(
          "ext file system",
          "inode " + directory + " directory entry",
          offset + at,
          "length " + length,
          "a multiple of 4 with room for its name, at most " + (to - at));
    }
    return length;
  }

  /// Visits the entries in use.
  ///
  /// @return false when the visitor ended the walk
  boolean forEach(EntryVisitor visitor) throws java.io.IOException {
    for (int at = from; at < to; ) {
      int length = checkedLength(at);
      if (inode(at) != 0 && !visitor.accept(at, inode(at), name(at), type(at))) {
        return false;
      }
      at += length;
    }
    return true;
  }

  /// Where the entry with the name is, or -1.
  int find(byte[] name) throws CorruptImageException {
    for (int at = from; at < to; at += checkedLength(at)) {
      checkedLength(at);
      if (inode(at) != 0
          && nameLength(at) == name.length
          && Arrays.equals(bytes, at + HEADER, at + HEADER + name.length, name, 0, name.length)) {
        return at;
      }
    }
    return -1;
  }

  /// Where the first entry with enough room after it is, or -1.
  private int findRoom(byte[] name) throws CorruptImageException {
    int need = entrySize(name.length);
    for (int at = from; at < to; at = next(at)) {
      if (checkedLength(at) - used(at) >= need) {
        return at;
      }
    }
    return -1;
  }

  private int used(int at) {
    return inode(at) == 0 ? 0 : entrySize(nameLength(at));
  }

  boolean hasRoom(byte[] name) throws CorruptImageException {
    return findRoom(name) >= 0;
  }

  /// Puts an entry into the first room that is large enough.
  ///
  /// @return false when there is none
  boolean insert(byte[] name, long inode, FileType type) throws CorruptImageException {
    int at = findRoom(name);
    if (at < 0) {
      return false;
    }
    int length = checkedLength(at);
    int used = used(at);
    if (used > 0) {
      putRecordLength(at, used);
    }
    putEntry(at + used, length - used, name, inode, type);
    return true;
  }

  /// Writes an entry over whatever stands there.
  void putEntry(int at, int length, byte[] name, long inode, FileType type) {
    Arrays.fill(bytes, at, at + Math.min(length, entrySize(name.length)), (byte) 0);
    LittleEndian.put32(bytes, at, inode);
    putRecordLength(at, length);
    LittleEndian.put8(bytes, at + 6, name.length);
    putType(at, type);
    System.arraycopy(name, 0, bytes, at + HEADER, name.length);
  }

  private void putType(int at, FileType type) {
    if (types) {
      LittleEndian.put8(bytes, at + 7, Arrays.asList(TYPES).indexOf(type));
    }
  }

  /// Points an entry to another inode.
  void replace(int at, long inode, FileType type) {
    LittleEndian.put32(bytes, at, inode);
    putType(at, type);
  }

  /// Points an entry to the same inode's new number.
  void renumber(int at, long inode) {
    LittleEndian.put32(bytes, at, inode);
  }

  /// Removes the entry at `at`, wiping it and joining its room to the entry before.
  void remove(int at) throws CorruptImageException {
    int length = checkedLength(at);
    int before = -1;
    for (int i = from; i < at; i = next(i)) {
      before = i;
    }
    Arrays.fill(bytes, at, at + length, (byte) 0);
    if (before >= 0) {
      putRecordLength(before, at + length - before);
    } else {
      putRecordLength(at, length);
    }
  }

  /// Makes the whole room one free entry, and puts the tail after it where there is room for it.
  void clear() {
    Arrays.fill(bytes, from, to, (byte) 0);
    putRecordLength(from, to - from);
    if (to < blockSize && bytes.length == blockSize) {
      Arrays.fill(bytes, to, blockSize, (byte) 0);
      LittleEndian.put16(bytes, to + 4, TAIL);
      LittleEndian.put8(bytes, to + 7, TAIL_TYPE);
    }
  }

  /// True when the block ends with the false entry that holds a checksum. A block that was made the
  /// root of an index may still end with the bytes of one.
  static boolean hasTail(byte[] block) {
    int at = block.length - TAIL;
    return indexOffset(block) == null
        && LittleEndian.s32(block, at) == 0
        && LittleEndian.u16(block, at + 4) == TAIL
        && LittleEndian.u8(block, at + 6) == 0
        && LittleEndian.u8(block, at + 7) == TAIL_TYPE;
  }

  /// Where the index entries begin in a block that holds some: 8 in a node, 32 in the root; null
  /// when it holds none.
  static @Nullable Integer indexOffset(byte[] block) {
    int length = LittleEndian.u16(block, 4);
    if (block.length == 65536 && (length == 65535 || length == 0)
        || block.length < 65536 && length == block.length) {
      return LittleEndian.u16(block, 6) == 0 && LittleEndian.s32(block, 0) == 0 ? 8 : null;
    }
    boolean root =
        length == 12
            && LittleEndian.u16(block, 16) == block.length - 12
            && LittleEndian.s32(block, 24) == 0
            && LittleEndian.u8(block, 29) == 8;
    return root ? 32 : null;
  }
}
