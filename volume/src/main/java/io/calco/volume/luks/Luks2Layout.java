package io.calco.volume.luks;

/// Where the fields of a version 2 binary header lie, by the specification's names. All values are
/// big-endian.
final class Luks2Layout {
  /// "LUKS\xba\xbe", which version 1 begins with too.
  static final byte[] PRIMARY_MAGIC = {'L', 'U', 'K', 'S', (byte) 0xba, (byte) 0xbe};

  /// "SKUL\xba\xbe".
  static final byte[] SECONDARY_MAGIC = {'S', 'K', 'U', 'L', (byte) 0xba, (byte) 0xbe};

  static final int VERSION = 6;
  static final int HDR_SIZE = 8;
  static final int SEQID = 16;
  static final int LABEL = 24;
  static final int LABEL_LENGTH = 48;
  static final int CHECKSUM_ALG = 72;
  static final int CHECKSUM_ALG_LENGTH = 32;
  static final int SALT = 104;
  static final int SALT_LENGTH = 64;
  static final int UUID = 168;
  static final int UUID_LENGTH = 40;
  static final int HDR_OFFSET = 256;
  static final int CSUM = 448;
  static final int CSUM_LENGTH = 64;

  /// Bytes of the binary header; the JSON area follows.
  static final int BINARY_LENGTH = 4096;

  /// Bytes of binary header and JSON area: powers of two between these, the specification's.
  static final int LENGTH_MIN = 16 << 10;

  static final int LENGTH_MAX = 4 << 20;

  /// What keyslot areas are aligned to, in bytes.
  static final int AREA_ALIGNMENT = 4096;

  /// cryptsetup's.
  static final int MAX_KEYSLOTS = 32;

  /// cryptsetup and the specification know no other.
  static final int STRIPES = 4000;

  private Luks2Layout() {}
}
