package io.calco.fs.xfs;

import io.calco.disk.Disk;
import io.calco.disk.bytes.BigEndian;
import java.io.IOException;
import java.util.Arrays;
import java.util.UUID;

/// Gives a file system another UUID, in every group's superblock and in the log. Metadata goes on
/// to carry the first one, which the superblock keeps beside it.
final class Identity {
  private static final int UUID_AT = 32;
  private static final int INCOMPAT_AT = 216;
  private static final int META_UUID_AT = 248;

  private final Volume volume;

  Identity(Volume volume) {
    this.volume = volume;
  }

  /// Sets it; nothing may wait to be written. The copies first, the superblock that counts last.
  void set(UUID uuid, LogWriter log) throws IOException {
    byte[] bytes = new byte[16];
    BigEndian.put64(bytes, 0, uuid.getMostSignificantBits());
    BigEndian.put64(bytes, 8, uuid.getLeastSignificantBits());
    Disk disk = volume.blocks.disk();
    for (int group = volume.geometry.groups - 1; group >= 0; group--) {
      long offset = volume.groupHeaderOffset(group, 0);
      byte[] sb = disk.readBytes(offset, volume.geometry.sectorSize);
      Metadata.SUPERBLOCK.verify(volume.geometry, sb, 0, sb.length, offset, Metadata.ANY);
      change(sb, bytes);
      if (group == 0) {
        disk.sync();
      }
      disk.writeBytes(offset, sb);
      volume.blocks.drop(offset >>> volume.geometry.blockBits, 1);
    }
    disk.sync();
    log.useUuid(bytes);
    log.unmount();
    disk.sync();
  }

  private void change(byte[] sb, byte[] uuid) {
    byte[] meta = volume.geometry.metaUuid();
    boolean same = Arrays.equals(uuid, meta);
    System.arraycopy(uuid, 0, sb, UUID_AT, 16);
    System.arraycopy(same ? new byte[16] : meta, 0, sb, META_UUID_AT, 16);
    int incompat = BigEndian.s32(sb, INCOMPAT_AT);
    BigEndian.put32(
        sb,
        INCOMPAT_AT,
        same ? incompat & ~Features.IN_META_UUID : incompat | Features.IN_META_UUID);
    Metadata.SUPERBLOCK.seal(sb, 0, sb.length);
  }
}
