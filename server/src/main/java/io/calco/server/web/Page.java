package io.calco.server.web;

import java.util.List;

/// A page, or a few that belong together.
public interface Page {
  /// Adds what it answers. Called once, before the server listens.
  void addTo(PageRoutes routes);

  /// What it has in the menu.
  default List<MenuItem> menu() {
    return List.of();
  }
}
