package io.calco.ssh;

/// An SSH server, and how to log in.
///
/// @param scheme what its addresses begin with: `sftp`
/// @param user whom to log in as
/// @param host its name or address; an IPv6 address without brackets
/// @param port 1 to 65535
/// @param login how to log in
public record SshServer(String scheme, String user, String host, int port, SshLogin login) {
  /// Where SSH servers listen.
  public static final int PORT = 22;

  /// Checks the range of the port.
  public SshServer {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port " + port);
    }
  }

  /// Its address, for messages.
  @Override
  public String toString() {
    String name = host.contains(":") ? "[" + host + "]" : host;
    return scheme + "://" + user + "@" + name + (port == PORT ? "" : ":" + port);
  }
}
