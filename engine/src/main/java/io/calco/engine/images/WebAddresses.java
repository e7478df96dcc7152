package io.calco.engine.images;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Which addresses content may be fetched from: http and https, and no host of this machine or its
/// network unless it is allowed by name. A name is judged by what it resolves to, and the address
/// that was judged is the one that is connected to.
///
/// @param allowed hosts, or `host:port`, that are fetched from wherever they are
public record WebAddresses(Set<String> allowed) {
  private static final Pattern NAME =
      Pattern.compile(
          "(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?\\.?");
  private static final String BYTE = "(?:0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])";
  private static final Pattern IPV4 = Pattern.compile("(?:" + BYTE + "\\.){3}" + BYTE);
  private static final Pattern IPV6 = Pattern.compile("\\[[0-9a-f:.]+]");

  /// Copies the set.
  public WebAddresses {
    allowed = Set.copyOf(allowed);
  }

  /// These, and the host of an address, which is the user's own choice; where it redirects to is
  /// not.
  ///
  /// @throws OperationException USAGE when it is none that is fetched from
  public WebAddresses allowing(String address) {
    URI uri = parse(address);
    Set<String> more = new HashSet<>(allowed);
    more.add(host(uri) + ":" + port(uri));
    return new WebAddresses(more);
  }

  /// A place on the web that may be fetched from.
  record Place(URI uri, String host, int port, boolean secure, List<InetAddress> addresses) {}

  /// Judges an address by what stands in it, without asking anybody.
  ///
  /// @throws OperationException USAGE when it is none that is fetched from
  public URI parse(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw refused(text);
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    boolean web = scheme.equals("http") || scheme.equals("https");
    if (!web || uri.getHost() == null || uri.getUserInfo() != null || !plain(host(uri))) {
      throw refused(text);
    }
    return uri;
  }

  /// Whether the host of an address is allowed by name.
  ///
  /// @param uri as [#parse] gave it
  public boolean names(URI uri) {
    return allowed.contains(host(uri)) || allowed.contains(host(uri) + ":" + port(uri));
  }

  private static int port(URI uri) {
    return uri.getPort() >= 0
        ? uri.getPort()
        : "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
  }

  /// Whether an address leads to this machine or its network by what stands in it, without asking
  /// anybody, and is not allowed. A name that is not refused so may still resolve to one.
  ///
  /// @param uri as [#parse] gave it
  public boolean refusesOutright(URI uri) {
    String host = host(uri);
    if (names(uri)) {
      return false;
    }
    if (!IPV4.matcher(host).matches() && !IPV6.matcher(host).matches()) {
      return host.matches("(.*\\.)?localhost\\.?"); // RFC 6761, 6.3
    }
    try {
      return !isPublic(InetAddress.getByName(host)); // a literal, which nobody is asked about
    } catch (UnknownHostException e) {
      return true;
    }
  }

  /// Sends JSON there by POST. No redirection is followed, and what is answered is not read.
  ///
  /// @return the status that is answered
  /// @throws OperationException DENIED when it leads to this machine or its network and is not
  ///   allowed, NOT_FOUND when nobody answers
  public int post(URI uri, String json) throws IOException {
    return WebSource.post(resolve(uri), json);
  }

  private static String host(URI uri) {
    return uri.getHost().toLowerCase(Locale.ROOT);
  }

  /// No number that a resolver would take for an address, as `2130706433` or `0x7f.1` is.
  private static boolean plain(String host) {
    return NAME.matcher(host).matches()
        || IPV4.matcher(host).matches()
        || IPV6.matcher(host).matches();
  }

  private static OperationException refused(String text) {
    return ImageAttributes.usage(
        "URI for web-download does not pass filtering: %s"
            .formatted(text.substring(0, Math.min(text.length(), 200))));
  }

  /// Where an address leads.
  ///
  /// @throws OperationException DENIED when it leads to this machine or its network
  Place resolve(URI uri) throws IOException {
    parse(uri.toString());
    boolean secure = "https".equalsIgnoreCase(uri.getScheme());
    int port = port(uri);
    String host = host(uri);
    List<InetAddress> addresses;
    try {
      addresses = List.of(InetAddress.getAllByName(host));
    } catch (UnknownHostException e) {
      throw new OperationException(Kind.NOT_FOUND, "there is no host " + host);
    }
    if (!names(uri)) {
      for (InetAddress address : addresses) {
        if (!isPublic(address)) {
          throw new OperationException(
              Kind.DENIED,
              "%s is %s, which is not on the public network"
                  .formatted(host, address.getHostAddress()));
        }
      }
    }
    return new Place(uri, host, port, secure, addresses);
  }

  /// IANA's special-purpose registries say which are not.
  static boolean isPublic(InetAddress address) {
    if (address.isLoopbackAddress()
        || address.isAnyLocalAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    int first = bytes[0] & 0xff;
    int second = bytes[1] & 0xff;
    if (bytes.length == 4) {
      return !(first == 0
          || first >= 240
          || first == 100 && (second & 0xc0) == 64 // RFC 6598
          || first == 192 && second == 0 // RFC 6890, 5737
          || first == 198 && (second & 0xfe) == 18 // RFC 2544
          || first == 198 && second == 51 && (bytes[2] & 0xff) == 100
          || first == 203 && second == 0 && (bytes[2] & 0xff) == 113);
    }
    boolean global = (first & 0xe0) == 0x20; // 2000::/3
    boolean embedsIpv4 = first == 0x20 && second == 0x02; // 6to4, RFC 3056
    boolean special = first == 0x20 && second == 0x01 && bytes[2] == 0 || isDocumentation(bytes);
    return global && !embedsIpv4 && !special;
  }

  private static boolean isDocumentation(byte[] bytes) {
    return (bytes[0] & 0xff) == 0x20
        && bytes[1] == 1
        && bytes[2] == 0x0d
        && (bytes[3] & 0xff) == 0xb8;
  }
}
