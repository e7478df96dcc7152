package io.calco.volume.lvm;

import io.calco.disk.Disk;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.Optional;

/// What the device-mapper's superblock says of one leg of a mirror. Source: the kernel's
/// drivers/md/dm-raid.c, struct dm_raid_superblock.
///
/// @param events higher is newer
/// @param inStep bytes of the leg, from its start, that are in step with the others
record RaidMeta(long events, long inStep) {
  private static final int BYTES = 512;
  private static final int MAGIC = 0x64526d44; // "DmRd"
  private static final int EVENTS = 16;
  private static final int FAILED = 24;
  private static final int RECOVERY = 32;

  /// Reads a leg's.
  ///
  /// @param leg its number, from 0
  /// @param bytes the leg's size
  /// @return empty when there is none yet
  static Optional<RaidMeta> read(Disk disk, int leg, long bytes) throws IOException {
    if (disk.size() < BYTES) {
      return Optional.empty();
    }
    byte[] block = disk.readBytes(0, BYTES);
    if (LittleEndian.s32(block, 0) != MAGIC) {
      return Optional.empty();
    }
    long failed = LittleEndian.s64(block, FAILED);
    long recovery = LittleEndian.s64(block, RECOVERY);
    boolean whole = recovery < 0 || recovery > bytes / BYTES; // all ones: finished
    long inStep = whole ? bytes : recovery * BYTES;
    boolean lost = leg < Long.SIZE && (failed >>> leg & 1) != 0;
    return Optional.of(new RaidMeta(LittleEndian.s64(block, EVENTS), lost ? 0 : inStep));
  }

  /// True when this leg is to be read rather than the other.
  boolean sounderThan(Optional<RaidMeta> other) {
    if (other.isEmpty()) {
      return true;
    }
    int newer = Long.compareUnsigned(events, other.get().events);
    return newer > 0 || newer == 0 && inStep > other.get().inStep;
  }
}
