package io.calco.guest.personalise;

import io.calco.guest.account.AccountEditor;

/// An account that the clone has; made when the template has none of that name.
///
/// @param name login name
/// @param privilege what it may do
public record CloneUser(String name, Privilege privilege) {

  /// What an account may do.
  public enum Privilege {
    ORDINARY,
    /// Anything, through sudo, without a password: it has none.
    ADMINISTRATOR
  }

  /// Checks the name.
  public CloneUser {
    AccountEditor.checkName(name);
  }
}
