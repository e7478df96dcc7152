package io.calco.fs.xfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.BigEndian;
import io.calco.fs.FileType;
import io.calco.fs.GuestNames;
import java.util.Arrays;

/// How directories are laid out: in the inode (short form), in one block with its own index (block
/// form), or in data blocks with an index and a table of free space far behind them in the file.
final class DirectoryFormat {
  static final int BLOCK_MAGIC_4 = 0x58443242;
  static final int BLOCK_MAGIC_5 = 0x58444233;
  static final int DATA_MAGIC_4 = 0x58443244;
  static final int DATA_MAGIC_5 = 0x58444433;
  static final int FREE_TAG = 0xFFFF;

  /// First byte of the index, and of the table of free space, in the directory's file.
  static final long INDEX_AT = 1L << 35;

  static final long FREE_AT = 1L << 36;

  private DirectoryFormat() {}

  /// An entry.
  ///
  /// @param name its name
  /// @param inode what it names
  /// @param type the stored file type, 0 when none is
  /// @param offset its byte in the directory's file; in a short form the offset it would have
  /// @param nameLength bytes in its name
  /// @param hash the hash of its name
  record Item(String name, long inode, int type, long offset, int nameLength, int hash) {

    /// An entry to be placed.
    static Item of(String name, long inode, int type, long offset) {
      byte[] bytes = GuestNames.encode(name);
      return new Item(name, inode, type, offset, bytes.length, NameHash.of(bytes));
    }

    /// It at another place.
    Item at(long other) {
      return new Item(name, inode, type, other, nameLength, hash);
    }
  }

  /// Takes entries.
  @FunctionalInterface
  interface Visitor {
    void visit(Item item) throws CorruptImageException;
  }

  static FileType fileType(int stored) {
    return switch (stored) {
      case 1 -> FileType.REGULAR;
      case 2 -> FileType.DIRECTORY;
      case 3 -> FileType.CHARACTER_DEVICE;
      case 4 -> FileType.BLOCK_DEVICE;
      case 5 -> FileType.FIFO;
      case 6 -> FileType.SOCKET;
      case 7 -> FileType.SYMBOLIC_LINK;
      default -> FileType.UNKNOWN;
    };
  }

  static int stored(FileType type) {
    return switch (type) {
      case REGULAR -> 1;
      case DIRECTORY -> 2;
      case CHARACTER_DEVICE -> 3;
      case BLOCK_DEVICE -> 4;
      case FIFO -> 5;
      case SOCKET -> 6;
      case SYMBOLIC_LINK -> 7;
      case UNKNOWN -> 0;
    };
  }

  /// Bytes before the entries of a data block.
  static int dataHeader(Geometry geometry) {
    return geometry.features.v5() ? 64 : 16;
  }

  /// Bytes of an entry in a data block.
  static int entrySize(Geometry geometry, int nameLength) {
    int type = geometry.features.fileTypes() ? 1 : 0;
    return (8 + 1 + nameLength + type + 2 + 7) & ~7;
  }

  private static CorruptImageException corrupt(long inode, Object found, Object expected) {
    return new CorruptImageException(
        "xfs file system: directory %d: found %s, expected %s".formatted(inode, found, expected));
  }

  /// The parent's number in a short form.
  static long shortParent(Inode directory) {
    int at = directory.coreSize();
    byte[] raw = directory.raw();
    return raw[at + 1] != 0 ? BigEndian.s64(raw, at + 2) : BigEndian.u32(raw, at + 2);
  }

  /// The entries in a directory's inode.
  static void readShort(Geometry geometry, Inode directory, Visitor visitor)
      throws CorruptImageException {
    byte[] raw = directory.raw();
    int at = directory.coreSize();
    int end = at + (int) directory.size();
    if (end - at < 6) {
      throw corrupt(directory.number(), "a short form of " + (end - at) + " bytes", "6 or more");
    }
    boolean wide = raw[at + 1] != 0;
    int count = BigEndian.u8(raw, at);
    int numberSize = wide ? 8 : 4;
    int type = geometry.features.fileTypes() ? 1 : 0;
    at += 2 + numberSize;
    for (int i = 0; i < count; i++) {
      int length = at + 3 <= end ? BigEndian.u8(raw, at) : 0;
      int next = at + 3 + length + type + numberSize;
      if (length == 0 || next > end) {
        throw corrupt(directory.number(), "entry " + i + " beyond the end", "one within");
      }
      int number = next - numberSize;
      byte[] name = Arrays.copyOfRange(raw, at + 3, at + 3 + length);
      visitor.visit(
          new Item(
              name(directory.number(), name),
              wide ? BigEndian.s64(raw, number) : BigEndian.u32(raw, number),
              type == 0 ? 0 : raw[number - 1],
              BigEndian.u16(raw, at + 1),
              length,
              NameHash.of(name)));
      at = next;
    }
  }

  private static String name(long directory, byte[] bytes) throws CorruptImageException {
    for (byte value : bytes) {
      if (value == 0 || value == '/') {
        throw corrupt(directory, "a name with a zero or a slash", "none");
      }
    }
    return GuestNames.decode(bytes);
  }

  /// Where the entries of a data block end: the block form has its index behind them.
  static int dataEnd(Geometry geometry, long directory, byte[] block) throws CorruptImageException {
    int magic = BigEndian.s32(block, 0);
    boolean v5 = geometry.features.v5();
    if (magic == (v5 ? DATA_MAGIC_5 : DATA_MAGIC_4)) {
      return block.length;
    }
    if (magic != (v5 ? BLOCK_MAGIC_5 : BLOCK_MAGIC_4)) {
      throw corrupt(directory, "a block of magic 0x%08x".formatted(magic), "a data block");
    }
    long count = BigEndian.u32(block, block.length - 8);
    long end = block.length - 8 - count * 8;
    if (count > block.length / 8 || end < dataHeader(geometry)) {
      throw corrupt(directory, "an index of " + count + " names", "one that fits");
    }
    return (int) end;
  }

  /// The entries of a data block, `.` and `..` too.
  ///
  /// @param base the block's first byte in the directory's file
  static void readData(Geometry geometry, long directory, byte[] block, long base, Visitor visitor)
      throws CorruptImageException {
    int end = dataEnd(geometry, directory, block);
    int type = geometry.features.fileTypes() ? 1 : 0;
    for (int at = dataHeader(geometry); at < end; ) {
      if (BigEndian.u16(block, at) == FREE_TAG) {
        int length = BigEndian.u16(block, at + 2);
        if (length < 8 || (length & 7) != 0 || length > end - at) {
          throw corrupt(directory, "free space of " + length + " bytes", "one in the block");
        }
        at += length;
        continue;
      }
      int length = end - at < 16 ? 0 : BigEndian.u8(block, at + 8);
      int size = entrySize(geometry, length);
      if (length == 0 || size > end - at || BigEndian.u16(block, at + size - 2) != at) {
        throw corrupt(directory, "no entry at 0x%x".formatted(base + at), "one");
      }
      int stored = type == 0 ? 0 : block[at + 9 + length];
      byte[] name = Arrays.copyOfRange(block, at + 9, at + 9 + length);
      long inode = BigEndian.s64(block, at);
      String text = name(directory, name);
      visitor.visit(new Item(text, inode, stored, base + at, length, NameHash.of(name)));
      at += size;
    }
  }
}
