package io.calco.fs.xfs;

import java.util.List;
import java.util.Optional;

/// A fork's extents, ascending by their place in the file.
///
/// @param all the extents
record ExtentList(List<Extent> all) {

  /// Those extents.
  ExtentList {
    all = List.copyOf(all);
  }

  /// Index of the first extent that ends after the file's block `offset`; the number of extents
  /// when none does.
  int indexAfter(long offset) {
    int low = 0;
    int high = all.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (all.get(middle).end() > offset) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /// The extent that holds the file's block.
  Optional<Extent> at(long offset) {
    int index = indexAfter(offset);
    return index < all.size() && all.get(index).offset() <= offset
        ? Optional.of(all.get(index))
        : Optional.empty();
  }
}
