package io.calco.engine.repository.remote;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/// A repository of another Calco.
///
/// @param host its name or address; an IPv6 address without brackets
/// @param port 1 to 65535
/// @param name of the repository, in the project of whoever logs in
/// @param link whether what passes is encrypted
/// @param authorities certificates, PEM, that vouch for the server; empty for those that Java
///   trusts
/// @param credentials a file that says who logs in; empty for the environment
public record RemotePlace(
    String host,
    int port,
    String name,
    Link link,
    Optional<Path> authorities,
    Optional<Path> credentials) {
  /// Where servers listen.
  public static final int PORT = 9292;

  /// How the server is spoken to.
  public enum Link {
    /// By HTTPS.
    TLS,
    /// By HTTP, which everybody on the way can read.
    PLAIN
  }

  /// Checks the range of the port.
  public RemotePlace {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port " + port);
    }
  }

  private String authority() {
    return host.contains(":") ? "[" + host + "]" : host;
  }

  /// The server, without a slash at the end.
  URI server() {
    String scheme = link == Link.TLS ? "https" : "http";
    return URI.create("%s://%s:%d".formatted(scheme, authority(), port));
  }

  /// The repository, or something of it.
  ///
  /// @param rest follows the name
  URI uri(String rest) {
    return URI.create(server() + "/repositories/" + name + rest);
  }

  /// Its address.
  @Override
  public String toString() {
    return "calco://" + authority() + (port == PORT ? "" : ":" + port) + "/" + name;
  }
}
