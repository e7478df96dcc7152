package io.calco.disk.vmdk;

import io.calco.disk.Mapping;
import java.io.IOException;
import java.util.Optional;

/// A part of the disk that is stored in one way, in a file of its own or in the image's. Guest
/// offsets count from the extent's beginning.
///
/// Thread rule: [#map] beside other threads.
sealed interface VmdkExtent permits EmptyExtent, FlatExtent, SparseExtent, SeSparseExtent {

  /// Guest bytes.
  long size();

  /// As [io.calco.disk.FormatDriver#map], the run within the extent.
  Mapping map(long offset, long maxLength) throws IOException;

  /// Bytes in a grain, if it has grains.
  Optional<Integer> grainBytes();
}
