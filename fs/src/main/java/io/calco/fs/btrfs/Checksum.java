package io.calco.fs.btrfs;

import io.airlift.compress.v3.xxhash.XxHash64JavaHasher;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/// What the superblock and every tree block are summed with; the sum stands in a block's first 32
/// bytes, padded with zeroes, and is over the rest. The order is that of the superblock's
/// `csum_type`.
enum Checksum {
  CRC32C {
    @Override
    byte[] of(byte[] bytes, int from, int to) {
      byte[] sum = new byte[4];
      LittleEndian.put32(sum, 0, ~Crc32c.update(-1, bytes, from, to - from));
      return sum;
    }
  },
  XXHASH64 {
    @Override
    byte[] of(byte[] bytes, int from, int to) {
      byte[] sum = new byte[8];
      LittleEndian.put64(sum, 0, XxHash64JavaHasher.hash(bytes, from, to - from, 0));
      return sum;
    }
  },
  SHA256 {
    @Override
    byte[] of(byte[] bytes, int from, int to) {
      try {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(bytes, from, to - from);
        return digest.digest();
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e); // every JDK has it
      }
    }
  },
  BLAKE2B {
    @Override
    byte[] of(byte[] bytes, int from, int to) {
      return Blake2b.of256(bytes, from, to);
    }
  };

  /// Bytes set aside for a sum at a block's start.
  static final int AREA = 32;

  /// The sum of the bytes from `from` on, up to `to`.
  abstract byte[] of(byte[] bytes, int from, int to);

  /// The kind that the superblock's number means.
  static Checksum numbered(int type) throws UnsupportedFeatureException {
    if (type >= values().length) {
      throw new UnsupportedFeatureException("btrfs file system: checksums of kind " + type);
    }
    return values()[type];
  }

  /// Gives the block its own sum.
  void seal(byte[] block) {
    byte[] sum = of(block, AREA, block.length);
    System.arraycopy(sum, 0, block, 0, sum.length);
  }

  /// True when the block bears its own sum.
  boolean matches(byte[] block) {
    byte[] sum = of(block, AREA, block.length);
    return Arrays.equals(block, 0, sum.length, sum, 0, sum.length);
  }
}
