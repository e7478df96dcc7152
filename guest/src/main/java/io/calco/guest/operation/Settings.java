package io.calco.guest.operation;

import io.calco.guest.identity.Hostname;
import java.util.Optional;
import java.util.Set;

/// What operations want to know.
///
/// @param hostname the template's name; without one it loses the machine's
/// @param removeUsers accounts that `user-account` removes; empty for all people's
/// @param keepUsers accounts that it leaves in any case
public record Settings(
    Optional<Hostname> hostname, Set<String> removeUsers, Set<String> keepUsers) {
  /// No name of its own; all people's accounts.
  public static final Settings DEFAULTS = new Settings(Optional.empty(), Set.of(), Set.of());

  /// Copies the sets.
  public Settings {
    removeUsers = Set.copyOf(removeUsers);
    keepUsers = Set.copyOf(keepUsers);
  }
}
