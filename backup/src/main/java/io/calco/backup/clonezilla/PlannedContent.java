package io.calco.backup.clonezilla;

import io.calco.disk.DataUnits;
import io.calco.disk.Disk;
import io.calco.fs.FileSystemFacts;
import java.util.Optional;

/// How the bytes of a partition or logical volume will be saved.
sealed interface PlannedContent {

  /// The name that Clonezilla gives what is there: `ext4`, `ntfs`, `swap` … or nothing.
  default String fileSystem() {
    return "";
  }

  /// The used blocks of a file system.
  ///
  /// @param fileSystem partclone's name as a program's: `ext4`
  /// @param header partclone's name as an image's: `EXTFS`
  /// @param facts its own
  record UsedBlocks(
      String fileSystem, String header, FileSystemFacts facts, Disk disk, DataUnits used)
      implements PlannedContent {}

  /// Every byte.
  ///
  /// @param fileSystem what it is for blkid; empty when that is not known
  /// @param why there are no used blocks to tell
  record AllBytes(String fileSystem, Disk disk, String why) implements PlannedContent {}

  /// A swap area.
  record Swap(Optional<String> uuid, Optional<String> label) implements PlannedContent {
    @Override
    public String fileSystem() {
      return "swap";
    }
  }

  /// A physical volume of a group that is saved by its logical volumes.
  ///
  /// @param group the group's name
  /// @param uuid its own
  record PhysicalVolume(String group, String uuid) implements PlannedContent {
    @Override
    public String fileSystem() {
      return "LVM2_member";
    }
  }
}
