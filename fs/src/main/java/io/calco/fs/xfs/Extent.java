package io.calco.fs.xfs;

import io.calco.disk.bytes.BigEndian;

/// A run of a file's blocks that lie together on the disk.
///
/// @param offset first block in the file, below 2⁵⁴
/// @param start first block on the disk, an fsblock
/// @param count blocks, 1–2²¹−1
/// @param unwritten set aside, reads as zeroes
record Extent(long offset, long start, long count, boolean unwritten) {
  /// Bytes of one in a fork or a b-tree.
  static final int SIZE = 16;

  /// The most blocks of one.
  static final long MAX_COUNT = (1 << 21) - 1;

  /// Reads one.
  static Extent parse(byte[] bytes, int at) {
    long high = BigEndian.s64(bytes, at);
    long low = BigEndian.s64(bytes, at + 8);
    return new Extent(
        high >>> 9 & (1L << 54) - 1, (high & 0x1FF) << 43 | low >>> 21, low & MAX_COUNT, high < 0);
  }

  /// Stores it.
  void store(byte[] bytes, int at) {
    BigEndian.put64(
        bytes, at, (unwritten ? Long.MIN_VALUE : 0) | offset << 9 | (start >>> 43 & 0x1FF));
    BigEndian.put64(bytes, at + 8, start << 21 | count);
  }

  /// The file's block after the run.
  long end() {
    return offset + count;
  }

  /// The part of it from the file's block `from` up to `to`, which overlaps it.
  Extent part(long from, long to) {
    long first = Math.max(from, offset);
    return new Extent(first, start + (first - offset), Math.min(to, end()) - first, unwritten);
  }
}
