package io.calco.server.http;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.net.InetAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where a server listens.
///
/// @param host a name or an address; an IPv6 one without brackets
/// @param port 1 to 65535, or 0 for any that is free
public record ListenAddress(String host, int port) {
  /// This host alone, at the port of OpenStack's image service.
  public static final ListenAddress DEFAULT = new ListenAddress("127.0.0.1", 9292);

  private static final Pattern RULE =
      Pattern.compile(
          "(?:\\[(?<six>[0-9a-fA-F:.%a-z]+)]|(?<name>[^:\\[\\]/\\s]+)):(?<port>\\d{1,5})");
  private static final int PORT_MAX = 65_535;

  /// Checks the port.
  public ListenAddress {
    if (port < 0 || port > PORT_MAX) {
      throw new IllegalArgumentException("port " + port);
    }
  }

  /// `HOST:PORT` as a user gave it; `[::1]:9292` for an IPv6 address.
  ///
  /// @throws OperationException of kind USAGE when it is not that
  public static ListenAddress parse(String text) {
    Matcher matcher = RULE.matcher(text);
    if (!matcher.matches()) {
      throw new OperationException(
          Kind.USAGE,
          "\"%s\" is not HOST:PORT".formatted(text),
          "such as 127.0.0.1:9292, or [::1]:9292");
    }
    int port = Integer.parseInt(matcher.group("port"));
    if (port > PORT_MAX) {
      throw new OperationException(
          Kind.USAGE, "port %d is not one: they go up to %d".formatted(port, PORT_MAX));
    }
    String six = matcher.group("six");
    return new ListenAddress(six == null ? matcher.group("name") : six, port);
  }

  /// Whether only this machine itself can reach it. Names are not looked up, but for `localhost`.
  public boolean isLoopback() {
    if (host.equals("localhost")) {
      return true;
    }
    try {
      return InetAddress.ofLiteral(host).isLoopbackAddress();
    } catch (IllegalArgumentException name) {
      return false;
    }
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
