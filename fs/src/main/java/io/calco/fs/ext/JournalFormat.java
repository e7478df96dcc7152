package io.calco.fs.ext;

import io.calco.disk.bytes.BigEndian;

/// Numbers of jbd2's format. All fields are big-endian.
final class JournalFormat {
  static final int MAGIC = 0xC03B3998;

  static final int DESCRIPTOR = 1;
  static final int COMMIT = 2;
  static final int SUPERBLOCK_V1 = 3;
  static final int SUPERBLOCK_V2 = 4;
  static final int REVOKE = 5;

  /// Bytes before a block's own content: magic, type, sequence.
  static final int HEADER = 12;

  static final int COMPAT_CHECKSUM = 1;
  static final int INCOMPAT_REVOKE = 1;
  static final int INCOMPAT_64BIT = 2;
  static final int INCOMPAT_ASYNC_COMMIT = 4;
  static final int INCOMPAT_CSUM_V2 = 8;
  static final int INCOMPAT_CSUM_V3 = 0x10;
  static final int INCOMPAT_FAST_COMMIT = 0x20;
  static final int INCOMPAT_KNOWN = 0x3F;

  static final int TAG_ESCAPED = 1;
  static final int TAG_SAME_UUID = 2;
  static final int TAG_LAST = 8;

  static final int CHECKSUM_CRC32 = 1;
  static final int CHECKSUM_CRC32C = 4;

  /// Blocks of fast commits at the journal's end where its superblock does not say.
  static final int DEFAULT_FAST_COMMIT_BLOCKS = 256;

  private JournalFormat() {}

  static void putHeader(byte[] block, int type, long sequence) {
    BigEndian.put32(block, 0, MAGIC);
    BigEndian.put32(block, 4, type);
    BigEndian.put32(block, 8, sequence);
  }

  /// CRC-32 with the high bit first, continuing `start`: checksums of the first version.
  static int crc32Be(int start, byte[] bytes) {
    int register = start;
    for (byte value : bytes) {
      register ^= value << 24;
      for (int bit = 0; bit < 8; bit++) {
        register = (register << 1) ^ (0x04C11DB7 & (register >> 31));
      }
    }
    return register;
  }
}
