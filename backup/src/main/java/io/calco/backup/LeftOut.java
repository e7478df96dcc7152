package io.calco.backup;

import java.util.List;

/// What a point leaves out though a file system has it in use: it reads as zeroes.
///
/// @param bytes in all
/// @param areas the first [#LISTED] of them
public record LeftOut(long bytes, List<Area> areas) {
  /// How many are listed at most; ours.
  static final int LISTED = 100;

  /// Copies the list.
  public LeftOut {
    areas = List.copyOf(areas);
  }

  /// Something left out.
  ///
  /// @param volume where it is, as [io.calco.volume.Volume#name] has it
  /// @param what a file, `/pagefile.sys`, or `suspended machine` for a swap area that holds one
  /// @param bytes of it that are not kept
  public record Area(String volume, String what, long bytes) {}
}
