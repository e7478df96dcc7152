package io.calco.disk.crypt;

import static io.calco.disk.crypt.SectorNumbers.LONG;

/// CBC within each sector: a block is masked with the encrypted block before it, the first with the
/// sector's initial value.
final class CbcCipher extends SectorCipher {
  private static final int BLOCK = AesBlocks.BLOCK;

  private final SectorNumbers numbers;
  private final AesBlocks encryption;
  private final AesBlocks decryption;
  private final byte[] chain = new byte[BATCH / SectorEncryption.SECTOR * BLOCK];
  private final byte[] encrypted = new byte[BATCH];

  CbcCipher(byte[] key, IvScheme scheme, int sectorSize) {
    super(sectorSize);
    this.numbers = new SectorNumbers(scheme, key, sectorSize);
    this.encryption = AesBlocks.encrypting(key);
    this.decryption = AesBlocks.decrypting(key);
  }

  /// A sector's blocks need each other in turn, so the same block of all sectors goes in one call.
  @Override
  void encrypt(byte[] bytes, int length, long firstSector) {
    int sectors = length / sectorSize;
    numbers.fill(chain, firstSector, sectors);
    for (int at = 0; at < sectorSize; at += BLOCK) {
      for (int sector = 0; sector < sectors; sector++) {
        mask(chain, sector * BLOCK, bytes, sector * sectorSize + at);
      }
      encryption.apply(chain, sectors * BLOCK);
      for (int sector = 0; sector < sectors; sector++) {
        int to = sector * sectorSize + at;
        System.arraycopy(chain, sector * BLOCK, bytes, to, BLOCK);
      }
    }
  }

  @Override
  void decrypt(byte[] bytes, int length, long firstSector) {
    int sectors = length / sectorSize;
    numbers.fill(chain, firstSector, sectors);
    System.arraycopy(bytes, 0, encrypted, 0, length);
    decryption.apply(bytes, length);
    for (int at = 0; at < length; at += BLOCK) {
      if (at % sectorSize == 0) {
        mask(bytes, at, chain, at / sectorSize * BLOCK);
      } else {
        mask(bytes, at, encrypted, at - BLOCK);
      }
    }
  }

  private static void mask(byte[] block, int at, byte[] with, int withAt) {
    LONG.set(block, at, (long) LONG.get(block, at) ^ (long) LONG.get(with, withAt));
    LONG.set(block, at + 8, (long) LONG.get(block, at + 8) ^ (long) LONG.get(with, withAt + 8));
  }
}
