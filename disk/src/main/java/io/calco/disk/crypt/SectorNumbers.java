package io.calco.disk.crypt;

import io.calco.sys.Cryptography;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Makes the initial values of consecutive sectors. Confined.
final class SectorNumbers {
  static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final IvScheme scheme;
  private final int step;
  private final @Nullable AesBlocks essiv;

  SectorNumbers(IvScheme scheme, byte[] key, int sectorSize) {
    this.scheme = scheme;
    this.step = sectorSize / SectorEncryption.SECTOR;
    this.essiv = scheme == IvScheme.ESSIV_SHA256 ? saltCipher(key) : null;
  }

  private static AesBlocks saltCipher(byte[] key) {
    byte[] salt = Cryptography.sha256().digest(key);
    try {
      return AesBlocks.encrypting(salt);
    } finally {
      Arrays.fill(salt, (byte) 0);
    }
  }

  /// Fills `values` with those of `count` sectors, 16 bytes each.
  ///
  /// @param firstSector in units of 512 bytes
  void fill(byte[] values, long firstSector, int count) {
    for (int i = 0; i < count; i++) {
      long sector = firstSector + (long) i * step;
      LONG.set(
          values,
          i * AesBlocks.BLOCK,
          scheme == IvScheme.PLAIN ? (int) sector & 0xFFFF_FFFFL : sector);
      LONG.set(values, i * AesBlocks.BLOCK + 8, 0L);
    }
    if (essiv != null) {
      essiv.apply(values, count * AesBlocks.BLOCK);
    }
  }
}
