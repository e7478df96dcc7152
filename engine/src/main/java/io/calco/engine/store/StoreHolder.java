package io.calco.engine.store;

import java.util.Optional;

/// Whose content a root of the store keeps.
///
/// @param root its name in the store
/// @param imageId of the image in the catalogue; empty when no image has it
/// @param name the image's name; may be empty
public record StoreHolder(String root, Optional<String> imageId, String name) {

  /// For a person: `debian12 (3f0a…)`, or the root's name.
  public String text() {
    return imageId
        .map(id -> name.isEmpty() ? "image " + id : "%s (%s)".formatted(name, id))
        .orElseGet(() -> root + ", which no image has");
  }
}
