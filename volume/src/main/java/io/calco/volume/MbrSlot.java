package io.calco.volume;

import java.util.Optional;

/// A partition and where its entry stands.
///
/// @param entry the entry that describes it
/// @param link for a logical partition but the first of its chain, the entry that leads to its boot
///   record
record MbrSlot(Partition partition, Place entry, Optional<Place> link) {

  /// An entry's place.
  ///
  /// @param sector where its boot record lies, in bytes from the start of the disk
  /// @param index 0 to 3
  record Place(long sector, int index) {}
}
