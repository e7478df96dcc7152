package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import java.util.HashMap;
import java.util.Map;

/// The new numbers of inodes that moved to other groups.
final class InodeNumbers {
  private final long last;
  private final Map<Long, Long> nowByOld = new HashMap<>();
  private final Map<Long, Long> oldByNow = new HashMap<>();

  /// @param last the highest number that stays
  InodeNumbers(long last) {
    this.last = last;
  }

  void put(long old, long now) {
    nowByOld.put(old, now);
    oldByNow.put(now, old);
  }

  /// The number that an inode has now.
  ///
  /// @param number from a directory or the superblock: hostile
  /// @throws CorruptImageException when there is no such inode
  long now(long number) throws CorruptImageException {
    if (number <= last) {
      return number;
    }
    Long now = nowByOld.get(number);
    if (now == null) {
      throw CorruptImageException.at(
          "ext file system", "inode number", 0, number, "that of an inode in use");
    }
    return now;
  }

  /// The number that an inode had.
  long was(long now) {
    return oldByNow.getOrDefault(now, now);
  }
}
