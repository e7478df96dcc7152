package io.calco.disk;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What an image's header says of it.
///
/// @param clusterSize bytes in the format's allocation unit, if it has one
/// @param backing the image below
/// @param dirty the image was not closed in order
/// @param corrupt the image is marked corrupt
/// @param encrypted guest bytes are encrypted
/// @param compressed the format as a whole is compressed (not: some units are)
/// @param identity what images that rest on this one call it, in formats that record it
/// @param snapshots internal snapshots, in the file's order
/// @param specific the format's own facts under qemu-img's names (`format-specific`'s `data`), in
///   its order; values are strings, numbers, booleans, or lists and maps of them
public record FormatInfo(
    Optional<Integer> clusterSize,
    Optional<BackingReference> backing,
    boolean dirty,
    boolean corrupt,
    boolean encrypted,
    boolean compressed,
    Optional<String> identity,
    List<Snapshot> snapshots,
    Map<String, Object> specific) {

  /// Copies the collections; `specific` keeps its order.
  public FormatInfo {
    snapshots = List.copyOf(snapshots);
    specific = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(specific));
  }

  /// The facts of an image of a format that records no identity.
  public FormatInfo(
      Optional<Integer> clusterSize,
      Optional<BackingReference> backing,
      boolean dirty,
      boolean corrupt,
      boolean encrypted,
      boolean compressed,
      List<Snapshot> snapshots,
      Map<String, Object> specific) {
    this(
        clusterSize,
        backing,
        dirty,
        corrupt,
        encrypted,
        compressed,
        Optional.empty(),
        snapshots,
        specific);
  }

  /// The facts of an image that has none.
  public static FormatInfo none() {
    return new FormatInfo(
        Optional.empty(), Optional.empty(), false, false, false, false, List.of(), Map.of());
  }

  /// An internal snapshot.
  ///
  /// @param id the unique id
  /// @param name the user's name for it
  /// @param taken when
  /// @param virtualSize size of the disk then, in bytes
  /// @param vmStateSize bytes of saved machine state, 0 for none
  /// @param vmClockNanos guest clock, in nanoseconds
  /// @param icount guest instruction count, or -1
  public record Snapshot(
      String id,
      String name,
      Instant taken,
      long virtualSize,
      long vmStateSize,
      long vmClockNanos,
      long icount) {}
}
