package io.calco.engine.images;

import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/// Where the blocks in use of a file system lie.
///
/// @param partition its number, from 1, when it lies in a partition
/// @param devices paths that mean it: `/dev/vg0/root`
/// @param cells the file system in parts of one size, from its beginning: how much of each is in
///   use, in percent
public record VolumeFilling(OptionalInt partition, Set<String> devices, List<Integer> cells) {
  /// Copies the collections.
  public VolumeFilling {
    devices = Set.copyOf(devices);
    cells = List.copyOf(cells);
  }

  /// True when this is the file system of that partition, or of that device; without both, the
  /// whole disk's.
  ///
  /// @param device empty when it has none
  public boolean isOf(OptionalInt number, String device) {
    if (number.isPresent() && partition.isPresent()) {
      return number.equals(partition);
    }
    return device.isEmpty()
        ? number.isEmpty() && partition.isEmpty() && devices.isEmpty()
        : devices.contains(device);
  }
}
