package io.calco.engine.audit;

/// Who does something, and from where.
///
/// @param userId empty for somebody whom the identity does not know
/// @param userName for a person
/// @param projectId within which project; empty for none
/// @param address a client's address; [#COMMAND] or [#SERVER] without a network
public record Actor(String userId, String userName, String projectId, String address) {
  /// Instead of an address: a command on this host.
  public static final String COMMAND = "command";

  /// Instead of an address: the server itself.
  public static final String SERVER = "server";

  /// Whoever runs this program at a command line, by their name on this host.
  public static Actor command() {
    return new Actor("", System.getProperty("user.name", ""), "", COMMAND);
  }

  /// The server, when nobody asked it.
  public static Actor server() {
    return new Actor("", "", "", SERVER);
  }

  /// Nobody whom the identity knows, at an address.
  public static Actor unknown(String address) {
    return new Actor("", "", "", address);
  }
}
