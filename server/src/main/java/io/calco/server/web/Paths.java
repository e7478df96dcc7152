package io.calco.server.web;

import java.util.regex.Pattern;

/// Paths that came with a request and are to be gone to.
final class Paths {
  /// Of this site: no second slash that would make it a host, no odd character.
  private static final Pattern INSIDE = Pattern.compile("/(?!/)[A-Za-z0-9._~%/?&=+:,@-]{0,2000}");

  private Paths() {}

  /// The path, when it is one of a page.
  ///
  /// @param otherwise where to go else
  static String inside(String path, String otherwise) {
    return INSIDE.matcher(path).matches() && !path.contains("//") ? path : otherwise;
  }
}
