package io.calco.server.http;

import io.calco.engine.OperationException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Locale;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.HostPort;

/// Those in front of this server whose word about a client is taken: of `X-Forwarded-For` the last
/// address that is not itself a trusted proxy's, of `X-Forwarded-Proto` and `-Host` the last value.
/// Anyone else's such headers mean nothing.
///
/// @param ranges their addresses
public record TrustedProxies(List<AddressRange> ranges) implements HttpConfiguration.Customizer {
  /// Nobody.
  public static final TrustedProxies NONE = new TrustedProxies(List.of());

  /// Copies the list.
  public TrustedProxies {
    ranges = List.copyOf(ranges);
  }

  /// As a user wrote them, with commas between.
  ///
  /// @throws OperationException of kind USAGE when one is neither an address nor a network
  public static TrustedProxies parse(List<String> texts) {
    return new TrustedProxies(texts.stream().map(AddressRange::parse).toList());
  }

  private boolean trusts(SocketAddress peer) {
    return peer instanceof InetSocketAddress address
        && address.getAddress() != null
        && trusts(address.getAddress());
  }

  private boolean trusts(InetAddress address) {
    return ranges.stream().anyMatch(range -> range.holds(address));
  }

  @Override
  public Request customize(Request request, HttpFields.Mutable answer) {
    if (ranges.isEmpty() || !trusts(request.getConnectionMetaData().getRemoteSocketAddress())) {
      return request;
    }
    HttpFields headers = request.getHeaders();
    String host = last(headers, "X-Forwarded-Host");
    String scheme = last(headers, "X-Forwarded-Proto").toLowerCase(Locale.ROOT);
    HttpURI.Mutable uri = HttpURI.build(request.getHttpURI());
    if (scheme.equals("https") || scheme.equals("http")) {
      uri.scheme(scheme);
    }
    HttpFields known = headers;
    if (Addresses.isHost(host)) {
      HostPort authority = new HostPort(host);
      uri.authority(authority.getHost(), authority.getPort());
      known = HttpFields.build(headers).put(HttpHeader.HOST, host);
    }
    return new Forwarded(request, uri, known, client(request));
  }

  /// A request as its client sent it to the proxy.
  private static final class Forwarded extends Request.Wrapper {
    private final HttpURI uri;
    private final HttpFields headers;
    private final SocketAddress client;

    Forwarded(Request request, HttpURI uri, HttpFields headers, SocketAddress client) {
      super(request);
      this.uri = uri;
      this.headers = headers;
      this.client = client;
    }

    @Override
    public HttpURI getHttpURI() {
      return uri;
    }

    @Override
    public boolean isSecure() {
      return "https".equals(uri.getScheme());
    }

    @Override
    public HttpFields getHeaders() {
      return headers;
    }

    @Override
    public ConnectionMetaData getConnectionMetaData() {
      return new ConnectionMetaData.Wrapper(super.getConnectionMetaData()) {
        @Override
        public SocketAddress getRemoteSocketAddress() {
          return client;
        }

        @Override
        public boolean isSecure() {
          return Forwarded.this.isSecure();
        }
      };
    }
  }

  private static String last(HttpFields headers, String name) {
    List<String> values = headers.getCSV(name, false);
    return values.isEmpty() ? "" : values.getLast().strip();
  }

  private SocketAddress client(Request request) {
    SocketAddress client = request.getConnectionMetaData().getRemoteSocketAddress();
    for (String word : request.getHeaders().getCSV("X-Forwarded-For", false).reversed()) {
      try {
        InetAddress address = InetAddress.ofLiteral(word.strip());
        client = new InetSocketAddress(address, 0);
        if (!trusts(address)) {
          break;
        }
      } catch (IllegalArgumentException e) {
        break; // what stands before it was not written by those we trust
      }
    }
    return client;
  }
}
