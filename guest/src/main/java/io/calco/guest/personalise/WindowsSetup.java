package io.calco.guest.personalise;

import io.calco.guest.Content;
import java.util.Optional;

/// What only a Windows is given. What is empty stays as its template has it.
///
/// @param administratorPassword UTF-8 text, one line
/// @param productKey five groups of five
public record WindowsSetup(Optional<Content> administratorPassword, Optional<String> productKey) {
  /// Nothing is given.
  public static final WindowsSetup NONE = new WindowsSetup(Optional.empty(), Optional.empty());
}
