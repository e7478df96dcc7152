package io.calco.disk.bytes;

import java.util.zip.CRC32C;

/// CRC-32C as the kernel runs it: the caller's start value, no final inversion, so that sums can be
/// continued and seeded. The work is done by [CRC32C], which the JVM turns into machine
/// instructions: four bytes chosen to drive its register to the start value go first.
public final class Crc32c {
  private static final int POLYNOMIAL = 0x82F63B78;

  private Crc32c() {}

  /// The sum of `length` bytes from `offset` on, continuing `start`.
  public static int update(int start, byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    if (start != -1) {
      int prefix = ~stepBack32(start);
      crc.update(prefix);
      crc.update(prefix >>> 8);
      crc.update(prefix >>> 16);
      crc.update(prefix >>> 24);
    }
    crc.update(bytes, offset, length);
    return ~(int) crc.getValue();
  }

  /// The sum of all of `bytes`, continuing `start`.
  public static int update(int start, byte[] bytes) {
    return update(start, bytes, 0, bytes.length);
  }

  /// The sum of the number's four bytes in little-endian order, continuing `start`.
  public static int updateLe32(int start, int value) {
    int register = start ^ value;
    for (int i = 0; i < 32; i++) {
      register = (register >>> 1) ^ (POLYNOMIAL & -(register & 1));
    }
    return register;
  }

  /// The four bytes, as a little-endian number, that continue the sum `start` to the sum `end`.
  public static int between(int start, int end) {
    return start ^ stepBack32(end);
  }

  /// The register 32 bit steps before it was `register`. A step shifts right and adds the
  /// polynomial, whose top bit is set, exactly when the bit that fell out was one.
  private static int stepBack32(int register) {
    int before = register;
    for (int i = 0; i < 32; i++) {
      int out = before >>> 31;
      before = ((before ^ (POLYNOMIAL & -out)) << 1) | out;
    }
    return before;
  }
}
