package io.calco.server.web;

import io.calco.engine.identity.Caller;
import java.util.function.Predicate;

/// A line of the menu.
///
/// @param path below [WebPages#ROOT]; it is the current one on every page whose path begins so
/// @param key of its message
/// @param shown to whom
/// @param place where
public record MenuItem(String path, String key, Predicate<Caller> shown, Place place) {
  /// Where a line stands.
  public enum Place {
    /// Among the pages of work.
    MAIN,
    /// Under the user's own name.
    OWN
  }

  /// Among the pages of work.
  public MenuItem(String path, String key, Predicate<Caller> shown) {
    this(path, key, shown, Place.MAIN);
  }

  /// Under the user's own name, for everybody who is logged in.
  public static MenuItem own(String path, String key) {
    return new MenuItem(path, key, caller -> true, Place.OWN);
  }

  /// For everybody who is logged in.
  public static MenuItem forAll(String path, String key) {
    return new MenuItem(path, key, caller -> true);
  }

  /// For administrators.
  public static MenuItem forAdmins(String path, String key) {
    return new MenuItem(path, key, Caller::isAdmin);
  }

  /// True on its pages.
  boolean isAt(String here) {
    return here.equals(path) || here.startsWith(path + "/");
  }
}
