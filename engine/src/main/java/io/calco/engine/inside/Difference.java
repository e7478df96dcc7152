package io.calco.engine.inside;

import java.util.List;
import java.util.Optional;

/// How one path differs between two guests.
///
/// @param path the same in both
/// @param what in which way
/// @param before in the first guest
/// @param after in the second
/// @param aspects for a changed file: `kind`, `content`, `target`, `permissions`, `owner`
public record Difference(
    String path,
    What what,
    Optional<FileEntry> before,
    Optional<FileEntry> after,
    List<String> aspects) {

  /// Copies the list.
  public Difference {
    aspects = List.copyOf(aspects);
  }

  /// Ways to differ.
  public enum What {
    REMOVED,
    ADDED,
    CHANGED
  }
}
