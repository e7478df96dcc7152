package io.calco.server.web;

import io.calco.engine.identity.Caller;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What every page has around its own: language, look, menu, who is logged in.
///
/// @param text what it says
/// @param theme its look
/// @param caller who is logged in; empty for nobody
/// @param csrf for the field `csrf` of every form
/// @param here the page's path below [WebPages#ROOT], without its query
/// @param menu the caller's
/// @param notice what was done before; empty for nothing
public record Frame(
    Text text,
    Theme theme,
    Optional<Caller> caller,
    String csrf,
    String here,
    List<MenuItem> menu,
    String notice) {

  /// Copies the list.
  public Frame {
    menu = List.copyOf(menu);
  }

  /// The caller's lines of the main menu.
  public List<MenuItem> mainMenu() {
    return menu.stream().filter(item -> item.place() == MenuItem.Place.MAIN).toList();
  }

  /// The caller's lines under their own name.
  public List<MenuItem> ownMenu() {
    return menu.stream().filter(item -> item.place() == MenuItem.Place.OWN).toList();
  }

  /// The address of a page.
  ///
  /// @param path below [WebPages#ROOT]
  public String to(String path) {
    return WebPages.ROOT + path;
  }

  /// The address of a style sheet, script or picture.
  ///
  /// @param name of a file in `static`
  public String file(String name) {
    return StaticFiles.address(name);
  }

  /// For the attribute that a template leaves out when it is null.
  public @Nullable String current(MenuItem item) {
    return item.isAt(here) ? "page" : null;
  }
}
