package io.calco.server.http;

import io.javalin.http.Context;
import java.util.regex.Pattern;

/// Where things are, as the client that asks can reach them.
public final class Addresses {
  /// The path of the embedded identity.
  public static final String IDENTITY = "/identity";

  private Addresses() {}

  /// A host and a port, as far as they may stand in an answer.
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9._-]+(:\\d+)?|\\[[0-9A-Fa-f:.]+](:\\d+)?");

  /// The address of this server as the client used it, without a slash at the end:
  /// `http://127.0.0.1:9292`. A client that says none, or an odd one, is told the server's own.
  public static String base(Context request) {
    String host = request.host();
    String known =
        host != null && isHost(host)
            ? host
            : local(request.req().getLocalAddr(), request.req().getLocalPort());
    return request.scheme() + "://" + known;
  }

  /// Whether it may stand in an answer as a host, with or without a port.
  static boolean isHost(String text) {
    return HOST.matcher(text).matches();
  }

  private static String local(String address, int port) {
    return new ListenAddress(address, port).toString();
  }
}
