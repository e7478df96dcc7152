package io.calco.fs.ext;

/// CRC-16 (polynomial 0xA001, reflected), which `uninit_bg` uses for group descriptors.
final class Crc16 {
  private Crc16() {}

  /// The sum of `length` bytes from `offset` on, continuing `start`.
  static int update(int start, byte[] bytes, int offset, int length) {
    int register = start;
    for (int i = offset; i < offset + length; i++) {
      register ^= bytes[i] & 0xFF;
      for (int bit = 0; bit < 8; bit++) {
        register = (register >>> 1) ^ (0xA001 & -(register & 1));
      }
    }
    return register;
  }

  /// The two bytes, as a little-endian number, that continue the sum `start` to the sum `end`.
  static int between(int start, int end) {
    int before = end;
    for (int i = 0; i < 16; i++) {
      int out = before >>> 15; // set exactly where the polynomial was added
      before = ((before ^ (0xA001 & -out)) << 1 | out) & 0xFFFF;
    }
    return start ^ before;
  }
}
