package io.calco.guest.personalise;

import io.calco.guest.Content;

/// A program that the clone runs once, as root, when it first starts.
///
/// @param name what it is called in the clone; what is no letter, digit, `.`, `_` or `-` becomes
///   `-`
/// @param content begins with `#!`, or is an executable
public record FirstBootScript(String name, Content content) {
  private static final int MAX_NAME = 64;

  /// Makes the name fit.
  public FirstBootScript {
    String plain = name.replaceAll("[^A-Za-z0-9._-]", "-");
    name = plain.substring(0, Math.min(MAX_NAME, plain.length()));
  }
}
