package io.calco.backup;

import java.util.List;
import java.util.Optional;

/// What people say of a point; the only thing of it, besides checks, that changes.
///
/// @param label a few words
/// @param tags words to find and keep it by
/// @param note any text
/// @param hold why it must not go; empty when it may
public record Remarks(
    Optional<String> label, List<String> tags, Optional<String> note, Optional<String> hold) {

  /// Copies the list.
  public Remarks {
    tags = List.copyOf(tags);
  }

  /// Nothing.
  public static Remarks none() {
    return new Remarks(Optional.empty(), List.of(), Optional.empty(), Optional.empty());
  }

  /// The same, held or not.
  public Remarks withHold(Optional<String> reason) {
    return new Remarks(label, tags, note, reason);
  }
}
