package io.calco.engine.identity;

import java.net.URI;

/// An external Keystone, and who asks it.
///
/// @param address of its Identity API v3, without a slash at the end
/// @param user a user who may validate tokens: an admin, or with the role service
/// @param password theirs
/// @param project within which they ask
/// @param domain of both
public record KeystoneSettings(
    URI address, String user, String password, String project, String domain) {
  @Override
  public String toString() {
    return "KeystoneSettings[" + address + ", " + user + "]";
  }
}
