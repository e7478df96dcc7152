package io.calco.backup;

import io.calco.disk.DirtyBitmaps;
import java.util.List;

/// An earlier point of a disk, and what was written to the disk since.
///
/// @param earlier in the same store
/// @param written runs of the disk; all other bytes of it are as they were. In any order
public record Since(EarlierPoint earlier, List<DirtyBitmaps.Run> written) {
  /// Copies the list.
  public Since {
    written = List.copyOf(written);
  }
}
