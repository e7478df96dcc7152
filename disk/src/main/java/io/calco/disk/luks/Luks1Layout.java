package io.calco.disk.luks;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Where the fields of a version 1 header lie, by the specification's names, and its numbers. All
/// values are big-endian; offsets on the disk are counted in sectors of 512 bytes.
final class Luks1Layout {
  static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /// "LUKS\xba\xbe".
  static final byte[] MAGIC_BYTES = {'L', 'U', 'K', 'S', (byte) 0xba, (byte) 0xbe};

  static final int SECTOR = 512;

  static final long MAGIC = 0;
  static final long VERSION = 6;
  static final long CIPHER_NAME = 8;
  static final long CIPHER_MODE = 40;
  static final long HASH_SPEC = 72;
  static final int TEXT_LENGTH = 32;
  static final long PAYLOAD_OFFSET = 104;
  static final long KEY_BYTES = 108;
  static final long MK_DIGEST = 112;
  static final int DIGEST_LENGTH = 20;
  static final long MK_DIGEST_SALT = 132;
  static final int SALT_LENGTH = 32;
  static final long MK_DIGEST_ITER = 164;
  static final long UUID = 168;
  static final int UUID_LENGTH = 40;
  static final long KEY_SLOTS = 208;
  static final int LENGTH = 592;

  static final int SLOT_COUNT = 8;
  static final int SLOT_LENGTH = 48;
  static final long SLOT_ACTIVE = 0;
  static final long SLOT_ITERATIONS = 4;
  static final long SLOT_SALT = 8;
  static final long SLOT_KEY_MATERIAL_OFFSET = 40;
  static final long SLOT_STRIPES = 44;

  static final int SLOT_ENABLED = 0x00AC71F3;
  static final int SLOT_DISABLED = 0x0000DEAD;

  /// cryptsetup and QEMU know no other.
  static final int STRIPES = 4000;

  /// Where the first key material lies, and what all of it is aligned to, in bytes.
  static final int MATERIAL_ALIGNMENT = 4096;

  private Luks1Layout() {}

  /// A number's four bytes, as hashes take them in.
  static byte[] bytes(int number) {
    return new byte[] {
      (byte) (number >>> 24), (byte) (number >>> 16), (byte) (number >>> 8), (byte) number
    };
  }
}
