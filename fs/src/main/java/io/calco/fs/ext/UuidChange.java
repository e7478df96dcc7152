package io.calco.fs.ext;

import io.calco.disk.bytes.BigEndian;
import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.Arrays;
import java.util.UUID;

/// Gives a file system another UUID.
///
/// Every checksum of its metadata begins with the sum of the UUID. So the last bytes of the new one
/// are chosen to make that sum what it was: nothing but the superblocks changes, in one
/// transaction, and every boot loader that read the file system still does.
final class UuidChange {
  private static final int UUID_AT = 0x68;
  private static final int LENGTH = 16;
  private static final int MAGIC_AT = 0x38;
  private static final int CHECKSUM = 0x3FC;

  private UuidChange() {}

  /// The UUID that the file system gets.
  ///
  /// @param wanted of which the last four bytes count only where no checksum begins with them
  static UUID fitted(Volume volume, UUID wanted) throws IOException {
    byte[] uuid = new byte[LENGTH];
    BigEndian.put64(uuid, 0, wanted.getMostSignificantBits());
    BigEndian.put64(uuid, 8, wanted.getLeastSignificantBits());
    fit(uuid, volume.superblock.bytes(UUID_AT, LENGTH), volume.geometry.features());
    return new UUID(BigEndian.s64(uuid, 0), BigEndian.s64(uuid, 8));
  }

  /// Changes it in all superblocks.
  static void make(Volume volume, UUID wanted) throws IOException {
    UUID fitted = fitted(volume, wanted);
    byte[] uuid = new byte[LENGTH];
    BigEndian.put64(uuid, 0, fitted.getMostSignificantBits());
    BigEndian.put64(uuid, 8, fitted.getLeastSignificantBits());
    System.arraycopy(
        uuid, 0, volume.superblock.edit(), volume.superblock.offset() + UUID_AT, LENGTH);
    Geometry geometry = volume.geometry;
    for (long group = 1; group < geometry.groupCount(); group++) {
      if (geometry.hasSuperblock(group)) {
        putBackup(
            volume.blocks.edit(geometry.firstBlock(group), Blocks.Check.NONE), uuid, geometry);
      }
    }
  }

  private static void fit(byte[] uuid, byte[] old, Features features) {
    if (features.metadataChecksums()) {
      if (!features.hasIncompat(Features.INCOMPAT_CSUM_SEED)) {
        int start = Crc32c.update(-1, uuid, 0, 12);
        LittleEndian.put32(uuid, 12, Crc32c.between(start, Crc32c.update(-1, old)));
      }
    } else if (features.descriptorChecksums()) {
      int start = Crc16.update(0xFFFF, uuid, 0, 14);
      LittleEndian.put16(uuid, 14, Crc16.between(start, Crc16.update(0xFFFF, old, 0, LENGTH)));
    }
  }

  private static void putBackup(byte[] block, byte[] uuid, Geometry geometry) {
    if (LittleEndian.u16(block, MAGIC_AT) == Geometry.MAGIC) {
      System.arraycopy(uuid, 0, block, UUID_AT, LENGTH);
      if (geometry.features().metadataChecksums()) {
        LittleEndian.put32(block, CHECKSUM, Crc32c.update(-1, Arrays.copyOf(block, CHECKSUM)));
      }
    }
  }
}
