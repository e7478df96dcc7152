package io.calco.fs.btrfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileType;
import io.calco.fs.GuestNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// An entry of a directory, or an extended attribute: `struct btrfs_dir_item`.
final class NamedItem {
  private static final int FIXED = 30;
  private static final int ENCRYPTED = 0x80;

  /// By the number that stands in an entry.
  private static final List<FileType> TYPES =
      List.of(
          FileType.UNKNOWN,
          FileType.REGULAR,
          FileType.DIRECTORY,
          FileType.CHARACTER_DEVICE,
          FileType.BLOCK_DEVICE,
          FileType.FIFO,
          FileType.SOCKET,
          FileType.SYMBOLIC_LINK);

  private final byte[] bytes;
  private final int at;

  private NamedItem(byte[] bytes, int at) {
    this.bytes = bytes;
    this.at = at;
  }

  /// Those that stand in an item: more than one where their names' hashes are the same.
  static List<NamedItem> all(Cursor item) throws CorruptImageException {
    List<NamedItem> all = new ArrayList<>(1);
    int end = item.at() + item.size();
    for (int at = item.at(); at < end; ) {
      NamedItem named = new NamedItem(item.bytes(), at);
      if (end - at < FIXED || end - at < named.size()) {
        throw item.corrupt("an entry beyond its end", "entries in it");
      }
      all.add(named);
      at += named.size();
    }
    return all;
  }

  private int size() {
    return FIXED + nameLength() + valueLength();
  }

  private int nameLength() {
    return LittleEndian.u16(bytes, at + 27);
  }

  private int valueLength() {
    return LittleEndian.u16(bytes, at + 25);
  }

  /// The number of the file, or of the subvolume.
  long objectid() {
    return Keys.objectid(bytes, at);
  }

  /// True when it is a subvolume's, not a file's.
  boolean isSubvolume() {
    return Keys.type(bytes, at) == Keys.ROOT_ITEM;
  }

  FileType type() {
    int type = bytes[at + 29] & 0xFF & ~ENCRYPTED;
    return type < TYPES.size() ? TYPES.get(type) : FileType.UNKNOWN;
  }

  boolean hasName(byte[] name) {
    return Arrays.equals(bytes, at + FIXED, at + FIXED + nameLength(), name, 0, name.length);
  }

  byte[] nameBytes() {
    return Arrays.copyOfRange(bytes, at + FIXED, at + FIXED + nameLength());
  }

  String name() {
    return GuestNames.decode(nameBytes());
  }

  /// An attribute's value.
  byte[] value() {
    int from = at + FIXED + nameLength();
    return Arrays.copyOfRange(bytes, from, from + valueLength());
  }
}
