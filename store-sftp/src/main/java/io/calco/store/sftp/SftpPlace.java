package io.calco.store.sftp;

/// A directory of an SSH server.
///
/// @param user whom to log in as
/// @param host its name or address; an IPv6 address without brackets
/// @param port 1 to 65535
/// @param path of the directory: from `/` on, or from where the server puts the user
/// @param login how to log in
public record SftpPlace(String user, String host, int port, String path, SftpLogin login) {
  /// Where SSH servers listen.
  public static final int PORT = 22;

  /// Checks the range of the port.
  public SftpPlace {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port " + port);
    }
    if (path.isEmpty()) {
      throw new IllegalArgumentException("no path");
    }
  }

  /// The server, for messages.
  String server() {
    String name = host.contains(":") ? "[" + host + "]" : host;
    return "sftp://" + user + "@" + name + (port == PORT ? "" : ":" + port);
  }

  /// Its address.
  @Override
  public String toString() {
    return server() + (path.startsWith("/") ? "" : "/~/") + path;
  }
}
