package io.calco.disk.partclone;

/// Where used blocks lie: strip after strip of blocks, each followed by its checksum. The last
/// strip may be shorter.
///
/// @param dataOffset where the first one begins
/// @param blockSize bytes in a block
/// @param blocks used blocks in a whole strip
/// @param checksumLength bytes that a checksum takes in the file
record Strips(long dataOffset, int blockSize, long blocks, int checksumLength) {

  Strips(PartcloneHeader header, int checksumLength) {
    this(header.dataOffset(), header.blockSize(), header.blocksPerChecksum(), checksumLength);
  }

  /// Bytes of blocks in a whole strip.
  long length() {
    return blocks * blockSize;
  }

  /// Where byte `at` of all used blocks lies in the file.
  long hostOffset(long at) {
    return dataOffset + at + at / length() * checksumLength;
  }

  /// Where everything ends when so many blocks are used.
  ///
  /// @throws ArithmeticException when that is no file offset
  long end(long used) {
    long sums = Math.multiplyExact(count(used), (long) checksumLength);
    long data = Math.multiplyExact(used, (long) blockSize);
    return Math.addExact(dataOffset, Math.addExact(data, sums));
  }

  /// Strips that so many used blocks make.
  long count(long used) {
    return Math.ceilDiv(used, blocks);
  }
}
