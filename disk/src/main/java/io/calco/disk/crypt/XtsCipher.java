package io.calco.disk.crypt;

import static io.calco.disk.crypt.SectorNumbers.LONG;

import java.util.Arrays;

/// XTS (IEEE 1619): each block is masked, encrypted and masked again, by a tweak that is the
/// sector's initial value encrypted under a second key, and doubled in GF(2^128) from block to
/// block.
final class XtsCipher extends SectorCipher {
  /// What x^128 is in the field, in the low byte.
  private static final long FEEDBACK = 0x87;

  private final SectorNumbers numbers;
  private final AesBlocks tweakCipher;
  private final AesBlocks encryption;
  private final AesBlocks decryption;
  private final byte[] values = new byte[BATCH / SectorEncryption.SECTOR * AesBlocks.BLOCK];
  private final long[] tweaks = new long[BATCH / Long.BYTES];

  /// @param key the key of the data, then the key of the tweaks, of one length
  XtsCipher(byte[] key, IvScheme scheme, int sectorSize) {
    super(sectorSize);
    byte[] data = Arrays.copyOf(key, key.length / 2);
    byte[] tweak = Arrays.copyOfRange(key, key.length / 2, key.length);
    this.numbers = new SectorNumbers(scheme, key, sectorSize);
    this.tweakCipher = AesBlocks.encrypting(tweak);
    this.encryption = AesBlocks.encrypting(data);
    this.decryption = AesBlocks.decrypting(data);
    Arrays.fill(data, (byte) 0);
    Arrays.fill(tweak, (byte) 0);
  }

  @Override
  void encrypt(byte[] bytes, int length, long firstSector) {
    apply(encryption, bytes, length, firstSector);
  }

  @Override
  void decrypt(byte[] bytes, int length, long firstSector) {
    apply(decryption, bytes, length, firstSector);
  }

  private void apply(AesBlocks cipher, byte[] bytes, int length, long firstSector) {
    int sectors = length / sectorSize;
    numbers.fill(values, firstSector, sectors);
    tweakCipher.apply(values, sectors * AesBlocks.BLOCK);
    expandTweaks(sectors);
    mask(bytes, length);
    cipher.apply(bytes, length);
    mask(bytes, length);
  }

  private void expandTweaks(int sectors) {
    int at = 0;
    for (int sector = 0; sector < sectors; sector++) {
      long low = (long) LONG.get(values, sector * AesBlocks.BLOCK);
      long high = (long) LONG.get(values, sector * AesBlocks.BLOCK + 8);
      for (int block = 0; block < sectorSize / AesBlocks.BLOCK; block++) {
        tweaks[at++] = low;
        tweaks[at++] = high;
        long carry = high >> 63 & FEEDBACK;
        high = high << 1 | low >>> 63;
        low = low << 1 ^ carry;
      }
    }
  }

  private void mask(byte[] bytes, int length) {
    for (int i = 0; i < length / Long.BYTES; i++) {
      LONG.set(bytes, i * Long.BYTES, (long) LONG.get(bytes, i * Long.BYTES) ^ tweaks[i]);
    }
  }
}
