package io.calco.fs.btrfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileStatus;
import io.calco.fs.FileType;
import java.time.Instant;

/// A file in a subvolume.
///
/// @param subvolume which
/// @param number of the file in it
/// @param status what its item says
record Inode(SubvolumeTree subvolume, long number, FileStatus status) {
  private static final int SIZE = 160;

  /// What stands where a snapshot's original has a subvolume: snapshots do not take those along.
  static final long EMPTY_DIRECTORY = 2;

  /// Reads the item that the cursor is at.
  ///
  /// @param identity the number that the file is known by outside
  static Inode of(SubvolumeTree subvolume, Cursor item, long identity)
      throws CorruptImageException {
    int at = item.at(SIZE);
    byte[] bytes = item.bytes();
    int mode = LittleEndian.s32(bytes, at + 52);
    long size = LittleEndian.s64(bytes, at + 16);
    long allocated = LittleEndian.s64(bytes, at + 24);
    if (size < 0 || allocated < 0) {
      throw item.corrupt("size %d, nbytes %d".formatted(size, allocated), "0 or more");
    }
    FileStatus status =
        new FileStatus(
            identity,
            type(mode),
            size,
            mode & 07777,
            LittleEndian.s32(bytes, at + 44),
            LittleEndian.s32(bytes, at + 48),
            LittleEndian.s32(bytes, at + 40),
            time(item, at + 136),
            allocated);
    return new Inode(subvolume, item.objectid(), status);
  }

  private static Instant time(Cursor item, int at) throws CorruptImageException {
    long seconds = LittleEndian.s64(item.bytes(), at);
    long nanos = LittleEndian.u32(item.bytes(), at + 8);
    if (seconds < Instant.MIN.getEpochSecond() || seconds > Instant.MAX.getEpochSecond() - 5) {
      throw item.corrupt("mtime " + seconds, "a time");
    }
    return Instant.ofEpochSecond(seconds, nanos);
  }

  private static FileType type(int mode) {
    return switch (mode >>> 12 & 0xF) {
      case 1 -> FileType.FIFO;
      case 2 -> FileType.CHARACTER_DEVICE;
      case 4 -> FileType.DIRECTORY;
      case 6 -> FileType.BLOCK_DEVICE;
      case 8 -> FileType.REGULAR;
      case 10 -> FileType.SYMBOLIC_LINK;
      case 12 -> FileType.SOCKET;
      default -> FileType.UNKNOWN;
    };
  }

  /// The empty directory that stands where there is no subvolume.
  ///
  /// @param in the directory that has it
  static Inode emptyDirectory(Inode in, long identity) {
    FileStatus parent = in.status();
    FileStatus status =
        new FileStatus(
            identity,
            FileType.DIRECTORY,
            0,
            0755,
            parent.uid(),
            parent.gid(),
            1,
            parent.modified(),
            0);
    return new Inode(in.subvolume(), EMPTY_DIRECTORY, status);
  }
}
