package io.calco.disk.crypt;

/// Encrypts and decrypts consecutive sectors in place, a batch at a time. Confined.
abstract sealed class SectorCipher permits XtsCipher, CbcCipher {
  /// Bytes in a batch, whole sectors of any size: what it works on stays in the processor's first
  /// cache.
  static final int BATCH = 16 << 10;

  /// Bytes in a sector.
  final int sectorSize;

  SectorCipher(int sectorSize) {
    this.sectorSize = sectorSize;
  }

  /// Encrypts the first `length` bytes, whole sectors, at most [#BATCH].
  ///
  /// @param firstSector the first one's number, in units of 512 bytes
  abstract void encrypt(byte[] bytes, int length, long firstSector);

  /// Decrypts the first `length` bytes, whole sectors, at most [#BATCH].
  ///
  /// @param firstSector the first one's number, in units of 512 bytes
  abstract void decrypt(byte[] bytes, int length, long firstSector);
}
