package io.calco.fs.fat;

import java.util.Optional;

/// A file and the way to it.
///
/// @param entry the file
/// @param parent the directory it is in; empty for the root
record FatNode(FatEntry entry, Optional<FatNode> parent) {

  /// True when this, or a directory on the way to it, begins at the cluster.
  boolean isWithin(int cluster) {
    for (Optional<FatNode> at = Optional.of(this); at.isPresent(); at = at.get().parent) {
      if (at.get().entry.firstCluster() == cluster) {
        return true;
      }
    }
    return false;
  }
}
