package io.calco.store;

import java.util.List;

/// What a copy from one store to another did.
///
/// @param copied roots that are there now and were not
/// @param present roots that were there already
/// @param pieces that were not there
/// @param bytes of these pieces, as they are packed
/// @param failed roots that could not be read here, and are not there
public record CopyReport(
    int copied, int present, long pieces, long bytes, List<FailedRoot> failed) {

  /// Copies the list.
  public CopyReport {
    failed = List.copyOf(failed);
  }

  /// A root that was not copied, since something that it leads to is damaged or lost.
  ///
  /// @param name the root's
  /// @param why in one line
  public record FailedRoot(String name, String why) {}
}
