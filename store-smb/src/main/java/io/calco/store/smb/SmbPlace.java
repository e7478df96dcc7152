package io.calco.store.smb;

import java.nio.file.Path;

/// A directory of a share of a Windows or Samba server.
///
/// @param user whom to log in as
/// @param host its name or address; an IPv6 address without brackets
/// @param port 1 to 65535
/// @param share its name
/// @param path in the share, parted by `/`, without one at either end; empty for all of it
/// @param credentials a file with `password=…` in it, and perhaps `domain=…`, as mount.cifs takes
///   it
public record SmbPlace(
    String user, String host, int port, String share, String path, Path credentials) {
  /// Where servers listen.
  public static final int PORT = 445;

  /// Checks the range of the port.
  public SmbPlace {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port " + port);
    }
  }

  /// The server and its share, for messages.
  String shareAddress() {
    String name = host.contains(":") ? "[" + host + "]" : host;
    return "smb://" + user + "@" + name + (port == PORT ? "" : ":" + port) + "/" + share;
  }

  /// Its address.
  @Override
  public String toString() {
    return shareAddress() + (path.isEmpty() ? "" : "/" + path);
  }
}
