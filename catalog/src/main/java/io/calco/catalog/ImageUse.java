package io.calco.catalog;

import java.util.List;

/// What was made from an image on this host.
///
/// @param template the template's name
/// @param version which of its versions
/// @param clones those that were made from that version, by name
public record ImageUse(String template, int version, List<Made> clones) {
  /// Copies the list.
  public ImageUse {
    clones = List.copyOf(clones);
  }

  /// A clone.
  ///
  /// @param name its own
  /// @param kind whether it rests on the template's disk
  public record Made(String name, Clone.Kind kind) {}

  /// What the clones are called.
  public List<String> cloneNames() {
    return clones.stream().map(Made::name).toList();
  }
}
