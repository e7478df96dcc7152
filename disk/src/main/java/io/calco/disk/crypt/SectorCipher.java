package io.calco.disk.crypt;

/// Encrypts and decrypts consecutive sectors in place, a batch at a time. Confined.
abstract sealed class SectorCipher permits XtsCipher, CbcCipher {
  /// Most sectors in a batch: what it works on stays in the processor's first cache.
  static final int BATCH_SECTORS = 32;

  static final int BATCH = BATCH_SECTORS * SectorEncryption.SECTOR;

  /// Encrypts the first `length` bytes, whole sectors, at most [#BATCH].
  abstract void encrypt(byte[] bytes, int length, long firstSector);

  /// Decrypts the first `length` bytes, whole sectors, at most [#BATCH].
  abstract void decrypt(byte[] bytes, int length, long firstSector);
}
