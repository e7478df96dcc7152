package io.calco.store.sftp;

import java.io.StreamCorruptedException;
import java.nio.ByteBuffer;

/// What a server tells of a file.
///
/// @param size in bytes; -1 when it does not tell
/// @param mode type and permissions as POSIX has them; 0 when it does not tell
/// @param modified in seconds since 1970; -1 when it does not tell
record Attributes(long size, int mode, long modified) {
  private static final int SIZE = 1;
  private static final int OWNER = 2;
  private static final int MODE = 4;
  private static final int TIMES = 8;
  private static final int EXTENDED = 0x8000_0000;

  private static final int TYPE_MASK = 0xf000;
  private static final int DIRECTORY = 0x4000;
  private static final int REGULAR = 0x8000;

  /// @throws java.nio.BufferUnderflowException when they end early
  static Attributes read(ByteBuffer from) throws StreamCorruptedException {
    int flags = from.getInt();
    long size = (flags & SIZE) != 0 ? from.getLong() : -1;
    if ((flags & OWNER) != 0) {
      from.getLong();
    }
    int mode = (flags & MODE) != 0 ? from.getInt() : 0;
    long modified = -1;
    if ((flags & TIMES) != 0) {
      from.getInt();
      modified = Integer.toUnsignedLong(from.getInt());
    }
    if ((flags & EXTENDED) != 0) {
      skipPairs(from);
    }
    if ((flags & SIZE) != 0 && size < 0) {
      throw new StreamCorruptedException("a file of %d bytes".formatted(size));
    }
    return new Attributes(size, mode, modified);
  }

  private static void skipPairs(ByteBuffer from) throws StreamCorruptedException {
    long strings = 2 * Integer.toUnsignedLong(from.getInt());
    for (long i = 0; i < strings; i++) {
      int length = from.getInt();
      if (length < 0 || length > from.remaining()) {
        throw new StreamCorruptedException("an attribute of " + length + " bytes");
      }
      from.position(from.position() + length);
    }
  }

  boolean isDirectory() {
    return (mode & TYPE_MASK) == DIRECTORY;
  }

  boolean isFile() {
    return (mode & TYPE_MASK) == REGULAR;
  }
}
