package io.calco.volume.md;

import io.calco.disk.Disk;
import java.io.IOException;
import java.util.Optional;

/// A member of an array, as its superblock describes both. A value but for its disk.
///
/// @param disk where it lies
/// @param version `0.90`, `1.0`, `1.1` or `1.2`
/// @param arrayUuid 32 hexadecimal digits in the groups of a UUID, as blkid prints it
/// @param name the array's, `host:name`; empty in version 0.90
/// @param level as the kernel numbers them: 0, 1, 4, 5, 6, 10; −1 for linear
/// @param disks how many members the array has, spares aside
/// @param role this one's place among them; −1 for a spare or a faulty one
/// @param dataOffset first byte of the data
/// @param dataSize bytes of data here that the array may use
/// @param componentSize bytes of each member that a mirror shows; 0 where it does not apply
/// @param chunk bytes of a stripe; 0 where it does not apply
/// @param events higher is newer
/// @param inStep nothing of it waits to be copied from another member
/// @param reshaping the array is changing its form
/// @param minor the number of its device in version 0.90; −1 otherwise
public record MdMember(
    Disk disk,
    String version,
    String arrayUuid,
    String name,
    int level,
    int disks,
    int role,
    long dataOffset,
    long dataSize,
    long componentSize,
    long chunk,
    long events,
    boolean inStep,
    boolean reshaping,
    int minor) {

  /// The disk's superblock, where it has one whose checksum is right.
  ///
  /// @throws io.calco.disk.CorruptImageException when a number in it cannot be
  public static Optional<MdMember> find(Disk disk) throws IOException {
    Optional<MdMember> member = Superblock1.find(disk);
    return member.isPresent() ? member : Superblock090.find(disk);
  }

  /// The level in words: `raid1`, `linear`.
  public String levelName() {
    return switch (level) {
      case -1 -> "linear";
      case -4 -> "multipath";
      case -5 -> "faulty";
      default -> level < 0 ? "level " + level : "raid" + level;
    };
  }
}
