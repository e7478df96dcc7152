package io.calco.catalog;

import java.time.Instant;
import java.util.Locale;

/// A word in a namespace.
///
/// @param namespace its name
/// @param kind what it is
/// @param name unique among its kind in the namespace
/// @param body JSON
/// @param createdAt when
/// @param updatedAt when it last changed
public record MetadefItem(
    String namespace, Kind kind, String name, String body, Instant createdAt, Instant updatedAt) {

  /// What a word is.
  public enum Kind {
    /// Properties that belong together.
    OBJECT,
    /// A property.
    PROPERTY,
    /// A tag.
    TAG,
    /// A kind of thing that the namespace is about.
    RESOURCE_TYPE;

    /// In the database.
    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
