package io.calco.fs.ntfs;

import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileType;
import io.calco.fs.GuestNames;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What a reparse point makes of its file (MS-FSCC section 2.1.2).
///
/// @param tag says whose it is
/// @param target where it points, when it is a link
record ReparsePoint(int tag, Optional<String> target) {
  static final int MOUNT_POINT = 0xA0000003;
  static final int SYMBOLIC_LINK = 0xA000000C;
  static final int WSL_LINK = 0xA000001D;
  static final int WSL_SOCKET = 0x80000023;
  static final int WSL_FIFO = 0x80000024;
  static final int WSL_CHARACTER_DEVICE = 0x80000025;
  static final int WSL_BLOCK_DEVICE = 0x80000026;
  static final int COMPRESSED_BY_FILTER = 0x80000017; // WOF
  static final int DEDUPLICATED = 0x80000013;
  static final int MAX_SIZE = 16 << 10; // the specification's
  private static final int RELATIVE = 1;

  static ReparsePoint parse(byte[] value) {
    if (value.length < 8) {
      return new ReparsePoint(0, Optional.empty());
    }
    int tag = LittleEndian.s32(value, 0);
    return new ReparsePoint(
        tag,
        switch (tag) {
          case MOUNT_POINT -> windowsTarget(value, 16, false);
          case SYMBOLIC_LINK ->
              windowsTarget(
                  value, 20, value.length >= 20 && LittleEndian.s32(value, 16) == RELATIVE);
          case WSL_LINK ->
              value.length < 12
                  ? Optional.empty()
                  : Optional.of(GuestNames.decode(Arrays.copyOfRange(value, 12, value.length)));
          default -> Optional.empty();
        });
  }

  private static Optional<String> windowsTarget(byte[] value, int names, boolean relative) {
    if (value.length < names) {
      return Optional.empty();
    }
    int at = names + LittleEndian.u16(value, 8);
    int length = LittleEndian.u16(value, 10);
    if (at + length > value.length) {
      return Optional.empty();
    }
    String target = Utf16.decode(value, at, length / 2);
    if (!relative && target.startsWith("\\??\\")) {
      target = target.substring(4);
      if (target.startsWith("UNC\\")) {
        target = "\\" + target.substring(3);
      }
    }
    return Optional.of(target.replace('\\', '/'));
  }

  FileType type(FileType otherwise) {
    return switch (tag) {
      case MOUNT_POINT, SYMBOLIC_LINK, WSL_LINK ->
          target.isPresent() ? FileType.SYMBOLIC_LINK : otherwise;
      case WSL_SOCKET -> FileType.SOCKET;
      case WSL_FIFO -> FileType.FIFO;
      case WSL_CHARACTER_DEVICE -> FileType.CHARACTER_DEVICE;
      case WSL_BLOCK_DEVICE -> FileType.BLOCK_DEVICE;
      default -> otherwise;
    };
  }

  /// True where the file's bytes are not in its data.
  boolean hidesData() {
    return tag == COMPRESSED_BY_FILTER || tag == DEDUPLICATED;
  }

  String kind() {
    return switch (tag) {
      case COMPRESSED_BY_FILTER -> "compressed by Windows' overlay filter (compact /exe)";
      case DEDUPLICATED -> "deduplicated by Windows Server";
      default -> "a reparse point " + Integer.toHexString(tag);
    };
  }

  /// The value of a symbolic link to `target`.
  static byte[] symbolicLink(String target) {
    String windows = target.replace('/', '\\');
    boolean drive =
        windows.length() >= 3
            && windows.charAt(1) == ':'
            && Character.isLetter(windows.toUpperCase(Locale.ROOT).charAt(0));
    byte[] print = Utf16.encode(windows);
    byte[] substitute = Utf16.encode((drive ? "\\??\\" : "") + windows);
    byte[] value = new byte[20 + substitute.length + print.length];
    LittleEndian.put32(value, 0, SYMBOLIC_LINK);
    LittleEndian.put16(value, 4, value.length - 8);
    LittleEndian.put16(value, 10, substitute.length);
    LittleEndian.put16(value, 12, substitute.length);
    LittleEndian.put16(value, 14, print.length);
    LittleEndian.put32(value, 16, drive ? 0 : RELATIVE);
    System.arraycopy(substitute, 0, value, 20, substitute.length);
    System.arraycopy(print, 0, value, 20 + substitute.length, print.length);
    return value;
  }
}
