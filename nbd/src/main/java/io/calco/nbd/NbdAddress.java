package io.calco.nbd;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Where an export is: `doc/uri.md` of the NetworkBlockDevice project. `nbd://HOST[:PORT]/EXPORT`,
/// `nbd+unix:///EXPORT?socket=PATH`; with `nbds` for `nbd` encrypted.
///
/// @param place the server
/// @param export its name; empty for the one that needs none
/// @param encrypted whether by TLS, and else not at all
/// @param certificates the directory of the query `tls-certificates`: `ca-cert.pem`, and
///   `client-cert.pem` with `client-key.pem` where the server asks for one
public record NbdAddress(
    Place place, String export, boolean encrypted, Optional<Path> certificates) {
  /// IANA's for this protocol.
  public static final int DEFAULT_PORT = 10809;

  private static final String SOCKET = "socket";
  private static final String CERTIFICATES = "tls-certificates";

  /// Where a server listens.
  public sealed interface Place {
    /// @param host a name or an address; an IPv6 one without brackets
    record Tcp(String host, int port) implements Place {
      /// All that the name stands for; it is looked up now.
      public List<InetSocketAddress> addresses() throws UnknownHostException {
        return Arrays.stream(InetAddress.getAllByName(host))
            .map(address -> new InetSocketAddress(address, port))
            .toList();
      }
    }

    /// @param socket a Unix socket's
    record Unix(Path socket) implements Place {}
  }

  /// True for what is an address of this kind, good or bad.
  public static boolean isAddress(String text) {
    return text.matches("(?s)nbds?(\\+unix)?:/.*");
  }

  /// The address that a text is.
  ///
  /// @throws IllegalArgumentException when it is none; the message says what is wrong with it
  public static NbdAddress parse(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(text + ": is no address: " + e.getReason(), e);
    }
    String scheme = String.valueOf(uri.getScheme());
    Map<String, String> query = query(text, uri);
    String path = uri.getPath() == null ? "" : uri.getPath();
    String export = path.startsWith("/") ? path.substring(1) : path;
    if (export.getBytes(StandardCharsets.UTF_8).length > Nbd.STRING_MAX_BYTES) {
      throw new IllegalArgumentException("the name of an export has at most 4096 bytes");
    }
    try {
      Optional<Path> certificates = Optional.ofNullable(query.remove(CERTIFICATES)).map(Path::of);
      Place place =
          switch (scheme) {
            case "nbd", "nbds" -> tcp(text, uri);
            case "nbd+unix", "nbds+unix" -> unix(text, query);
            default -> throw new IllegalArgumentException(text + ": is no address of NBD's");
          };
      if (!query.isEmpty()) {
        throw new IllegalArgumentException(
            "%s: \"%s\" is not known; there are %s and %s"
                .formatted(text, query.keySet().iterator().next(), SOCKET, CERTIFICATES));
      }
      return new NbdAddress(place, export, scheme.startsWith("nbds"), certificates);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(text + ": " + e.getMessage(), e);
    }
  }

  private static Map<String, String> query(String text, URI uri) {
    Map<String, String> query = new LinkedHashMap<>();
    if (uri.getRawQuery() != null) {
      for (String pair : uri.getRawQuery().split("&", -1)) {
        int equals = pair.indexOf('=');
        if (equals < 1) {
          throw new IllegalArgumentException("%s: \"%s\" is not NAME=VALUE".formatted(text, pair));
        }
        // A plus stands for itself, as in paths.
        String value = pair.substring(equals + 1).replace("+", "%2B");
        query.put(pair.substring(0, equals), URLDecoder.decode(value, StandardCharsets.UTF_8));
      }
    }
    return query;
  }

  private static Place tcp(String text, URI uri) {
    if (uri.getHost() == null) {
      throw new IllegalArgumentException(text + ": names no host, as nbd://HOST/EXPORT does");
    }
    String host = uri.getHost().replaceAll("^\\[|]$", "");
    return new Place.Tcp(host, uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort());
  }

  private static Place unix(String text, Map<String, String> query) {
    String socket = query.remove(SOCKET);
    if (socket == null || socket.isEmpty()) {
      throw new IllegalArgumentException(
          text + ": names no socket, as nbd+unix:///EXPORT?socket=PATH does");
    }
    return new Place.Unix(Path.of(socket));
  }

  /// What to connect to, one after the other until one answers; the name is looked up now.
  List<SocketAddress> socketAddresses() throws UnknownHostException {
    return switch (place) {
      case Place.Tcp tcp -> List.copyOf(tcp.addresses());
      case Place.Unix(var socket) -> List.of(UnixDomainSocketAddress.of(socket));
    };
  }

  /// The address as others take it, too.
  @Override
  public String toString() {
    String name = encoded(export);
    String trust =
        certificates
            .map(directory -> CERTIFICATES + "=" + encoded(directory.toString()))
            .orElse("");
    String scheme = encrypted ? "nbds" : "nbd";
    return switch (place) {
      case Place.Tcp(var host, var port) -> {
        String server = host.contains(":") ? "[" + host + "]" : host;
        yield "%s://%s:%d/%s%s"
            .formatted(scheme, server, port, name, trust.isEmpty() ? "" : "?" + trust);
      }
      case Place.Unix(var socket) ->
          "%s+unix:///%s?socket=%s%s"
              .formatted(
                  scheme, name, encoded(socket.toString()), trust.isEmpty() ? "" : "&" + trust);
    };
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("%2F", "/");
  }
}
