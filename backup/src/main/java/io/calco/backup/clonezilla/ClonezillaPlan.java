package io.calco.backup.clonezilla;

import java.util.List;

/// What saving a disk would write.
///
/// @param items partitions, then logical volumes
/// @param remarks what would be saved otherwise than might be expected, a sentence each
public record ClonezillaPlan(List<Item> items, List<String> remarks) {

  /// A partition or logical volume.
  ///
  /// @param device its name: `sda1`, `vg0/root`
  /// @param content how it would be kept
  /// @param holds what is there: a file system, or a physical volume's group; empty when unknown
  /// @param bytes that would be read and packed
  public record Item(String device, SavedPartition.Content content, String holds, long bytes) {}

  /// Copies the lists.
  public ClonezillaPlan {
    items = List.copyOf(items);
    remarks = List.copyOf(remarks);
  }
}
