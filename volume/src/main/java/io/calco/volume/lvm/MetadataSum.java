package io.calco.volume.lvm;

/// LVM2's checksum: CRC-32 (the polynomial of IEEE 802.3, reflected) from a start value of its own
/// and without the final inversion.
final class MetadataSum {
  private static final int START = 0xf597a6cf;
  private static final int POLYNOMIAL = 0xedb88320;
  private static final int[] TABLE = new int[256];

  static {
    for (int i = 0; i < TABLE.length; i++) {
      int register = i;
      for (int bit = 0; bit < 8; bit++) {
        register = (register >>> 1) ^ (POLYNOMIAL & -(register & 1));
      }
      TABLE[i] = register;
    }
  }

  private MetadataSum() {}

  static int of(byte[] bytes, int from, int to) {
    int register = START;
    for (int i = from; i < to; i++) {
      register = (register >>> 8) ^ TABLE[(register ^ bytes[i]) & 0xff];
    }
    return register;
  }

  static int of(byte[] bytes) {
    return of(bytes, 0, bytes.length);
  }
}
