package io.calco.store;

/// A stored disk that one which is to be stored is like in places.
///
/// @param disk its identity, from a root
/// @param likeness where the two are alike
public record Predecessor(ChunkId disk, Likeness likeness) {

  /// Tells where two disks have the same bytes. Asked by one thread.
  @FunctionalInterface
  public interface Likeness {
    /// True when all of a run is the same.
    ///
    /// @param offset its first byte
    /// @param length in bytes, at least 1
    boolean holds(long offset, long length);
  }
}
