package io.calco.sys;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// `struct statx` of `statx(2)`, which unlike `struct stat` is the same on every machine.
final class Statx {
  private static final int STX_MODE = 28;
  private static final int STX_INO = 32;
  private static final int STX_BLOCKS = 48;
  private static final int STX_DEV_MAJOR = 136;
  private static final int STX_DEV_MINOR = 140;

  static final int S_IFMT = 0xf000;
  private static final int S_IFDIR = 0x4000;
  static final int S_IFBLK = 0x6000;
  private static final int S_IFREG = 0x8000;

  /// The unit of `stx_blocks`, whatever the file system's block size is.
  private static final long BLOCK_BYTES = 512;

  private Statx() {}

  static FileStatus decode(MemorySegment statx) {
    FileStatus.Kind kind =
        switch (statx.get(ValueLayout.JAVA_SHORT, STX_MODE) & S_IFMT) {
          case S_IFREG -> FileStatus.Kind.REGULAR;
          case S_IFBLK -> FileStatus.Kind.BLOCK_DEVICE;
          case S_IFDIR -> FileStatus.Kind.DIRECTORY;
          default -> FileStatus.Kind.OTHER;
        };
    return new FileStatus(
        kind,
        statx.get(ValueLayout.JAVA_LONG, STX_BLOCKS) * BLOCK_BYTES,
        device(
            statx.get(ValueLayout.JAVA_INT, STX_DEV_MAJOR),
            statx.get(ValueLayout.JAVA_INT, STX_DEV_MINOR)),
        statx.get(ValueLayout.JAVA_LONG, STX_INO));
  }

  /// One number for a device as glibc's `makedev(3)` makes it, and as `st_dev` holds it.
  static long device(int major, int minor) {
    long a = Integer.toUnsignedLong(major);
    long i = Integer.toUnsignedLong(minor);
    return (a & 0xffff_f000L) << 32 | (a & 0xfffL) << 8 | (i & 0xffff_ff00L) << 12 | (i & 0xffL);
  }
}
