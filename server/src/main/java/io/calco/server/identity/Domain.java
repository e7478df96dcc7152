package io.calco.server.identity;

import java.util.Optional;

/// The one domain there is.
///
/// @param id never changes
/// @param name for people
record Domain(String id, String name) {
  static final String ID = "default";
  static final Domain DEFAULT = new Domain(ID, "Default");

  /// Whether a request means it, by `{"id"}` or `{"name"}`.
  static boolean isMeant(Fields domain) {
    Optional<String> id = domain.findText("id");
    return id.isPresent() ? id.get().equals(ID) : domain.text("name").equals(DEFAULT.name());
  }
}
