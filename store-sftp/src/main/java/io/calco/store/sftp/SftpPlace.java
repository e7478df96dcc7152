package io.calco.store.sftp;

import io.calco.ssh.SshLogin;
import io.calco.ssh.SshServer;

/// A directory of an SSH server.
///
/// @param user whom to log in as
/// @param host its name or address; an IPv6 address without brackets
/// @param port 1 to 65535
/// @param path of the directory: from `/` on, or from where the server puts the user
/// @param login how to log in
public record SftpPlace(String user, String host, int port, String path, SshLogin login) {
  /// Checks the range of the port.
  public SftpPlace {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port " + port);
    }
    if (path.isEmpty()) {
      throw new IllegalArgumentException("no path");
    }
  }

  /// The server.
  SshServer server() {
    return new SshServer("sftp", user, host, port, login);
  }

  /// Its address.
  @Override
  public String toString() {
    return server() + (path.startsWith("/") ? "" : "/~/") + path;
  }
}
