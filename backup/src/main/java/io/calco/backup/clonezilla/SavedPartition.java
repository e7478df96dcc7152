package io.calco.backup.clonezilla;

import java.util.List;
import java.util.Optional;

/// What a Clonezilla image keeps of a partition, a disk without a table, or a logical volume.
///
/// @param device its name when it was saved: `sda1`, `vg0/root`
/// @param number Linux's number of a partition; 0 for others
/// @param start first byte on its disk; 0 for a logical volume
/// @param length in bytes
/// @param content how its bytes are kept
/// @param fileSystem partclone's name for what it held: `ext4`, `ntfs` …; empty when unknown
/// @param compression `gz`, `zst`, `uncomp` …; empty when nothing is packed
/// @param files that hold it, in their order
/// @param packedSize bytes that those take
/// @param unreadable why its bytes cannot be had here, one sentence
public record SavedPartition(
    String device,
    int number,
    long start,
    long length,
    Content content,
    Optional<String> fileSystem,
    Optional<String> compression,
    List<String> files,
    long packedSize,
    Optional<String> unreadable) {

  /// How bytes are kept.
  public enum Content {
    /// The used blocks of a file system, by partclone.
    USED_BLOCKS,
    /// Every byte.
    ALL_BYTES,
    /// UUID and label of a swap area, which is made again.
    SWAP,
    /// A physical volume of LVM2, which is made again around its logical volumes.
    PHYSICAL_VOLUME,
    /// An extended partition, which holds no bytes of its own.
    EXTENDED,
    /// Nothing: it was not saved, and reads as zeroes.
    NOTHING,
    /// In a way that is not read here.
    UNREADABLE
  }

  /// Copies the list.
  public SavedPartition {
    files = List.copyOf(files);
  }
}
