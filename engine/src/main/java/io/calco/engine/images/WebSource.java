package io.calco.engine.images;

import io.calco.disk.BulkInput;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/// Content on the web, fetched by one GET of HTTP/1.1 (RFC 9112) from an address that was judged
/// before; each redirection is judged anew. Why not the JDK's client: it looks the name up again,
/// and may be told another address then.
final class WebSource implements AutoCloseable {
  private static final Logger LOG = System.getLogger(WebSource.class.getName());
  private static final int REDIRECTIONS = 5;
  private static final int CONNECT_MILLIS = 10_000;
  private static final int READ_MILLIS = 60_000;

  /// Ours, as are the next two.
  private static final int LINE_MAX = 8192;

  private static final int HEADERS_MAX = 100;
  private static final int BUFFER = 64 << 10;

  private final Socket socket;
  private final InputStream body;
  private final OptionalLong size;
  private final long start;

  private WebSource(Socket socket, InputStream body, OptionalLong size, long start) {
    this.socket = socket;
    this.body = body;
    this.size = size;
    this.start = start;
  }

  /// Begins to fetch.
  ///
  /// @throws OperationException when the address may not be fetched from, or the server has nothing
  static WebSource open(URI uri, WebAddresses addresses) throws IOException {
    return open(uri, addresses, Ask.ALL);
  }

  /// What is asked for beside the address.
  ///
  /// @param from the first byte that is wanted; the server may send all nevertheless, as [#start]
  ///   tells
  /// @param token for the host that is asked, and nobody it redirects to; empty for none
  record Ask(long from, String token) {
    static final Ask ALL = new Ask(0, "");

    static Ask from(long offset) {
      return new Ask(offset, "");
    }

    static Ask as(String token) {
      return new Ask(0, token);
    }

    private Ask elsewhere() {
      return new Ask(from, "");
    }

    private String headers() {
      return (from == 0 ? "" : "Range: bytes=%d-\r\n".formatted(from))
          + (token.isEmpty() ? "" : "X-Auth-Token: %s\r\n".formatted(token));
    }

    @Override
    public String toString() {
      return "Ask[" + from + "]"; // never the token
    }
  }

  /// Begins to fetch, perhaps not from the beginning.
  ///
  /// @throws OperationException likewise
  static WebSource open(URI uri, WebAddresses addresses, Ask wanted) throws IOException {
    URI next = uri;
    Ask ask = wanted;
    for (int i = 0; i <= REDIRECTIONS; i++) {
      Answer answer = get(addresses.resolve(next), ask);
      switch (answer.status()) {
        case 200, 206 -> {
          return answer.source();
        }
        case 301, 302, 303, 307, 308 -> {
          try (WebSource _ = answer.source()) {
            String location = answer.headers().getOrDefault("location", "");
            next = addresses.parse(next.resolve(location.isEmpty() ? "/" : location).toString());
            ask = ask.elsewhere();
          } catch (IllegalArgumentException e) {
            throw failed(next, "redirects to what is no address");
          }
        }
        default -> {
          try (WebSource _ = answer.source()) {
            throw failed(next, "answers with status " + answer.status());
          }
        }
      }
    }
    throw failed(uri, "redirects more than %d times".formatted(REDIRECTIONS));
  }

  private static OperationException failed(URI uri, String why) {
    return new OperationException(Kind.NOT_FOUND, "%s %s".formatted(uri, why));
  }

  private record Answer(int status, Map<String, String> headers, WebSource source) {}

  private static Answer get(WebAddresses.Place place, Ask ask) throws IOException {
    Socket socket = connect(place);
    try {
      socket.getOutputStream().write(request(place, ask).getBytes(StandardCharsets.US_ASCII));
      InputStream in = new BufferedInputStream(socket.getInputStream(), BUFFER);
      int status = status(place, in);
      Map<String, String> headers = headers(in);
      long start = start(place, ask, status, headers);
      return new Answer(status, headers, source(place, socket, in, headers, start));
    } catch (IOException | RuntimeException e) {
      try (socket) {
        throw e;
      }
    }
  }

  /// Sends JSON by POST; what is answered is not read but for its status.
  static int post(WebAddresses.Place place, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    String head =
        "%sContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
            .formatted(head("POST", place), body.length);
    try (Socket socket = connect(place)) {
      OutputStream out = new BufferedOutputStream(socket.getOutputStream());
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      out.write(body);
      out.flush();
      return status(place, new BufferedInputStream(socket.getInputStream(), LINE_MAX));
    }
  }

  private static Socket connect(WebAddresses.Place place) throws IOException {
    IOException failure = new IOException(place.host() + " has no address");
    for (InetAddress address : place.addresses()) {
      Socket socket = new Socket();
      try {
        socket.connect(new InetSocketAddress(address, place.port()), CONNECT_MILLIS);
        socket.setSoTimeout(READ_MILLIS);
        return place.secure() ? secured(socket, place) : socket;
      } catch (IOException e) {
        socket.close();
        failure = e;
      }
    }
    throw failed(place.uri(), "cannot be reached: " + failure.getMessage());
  }

  private static Socket secured(Socket plain, WebAddresses.Place place) throws IOException {
    SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
    SSLSocket socket = (SSLSocket) factory.createSocket(plain, place.host(), place.port(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  /// The first byte of the answer.
  ///
  /// @throws OperationException when the server sends another part than the one asked for
  private static long start(
      WebAddresses.Place place, Ask ask, int status, Map<String, String> headers) {
    if (status != 206) {
      return 0;
    }
    String range = headers.getOrDefault("content-range", "");
    if (ask.from() == 0 || !range.startsWith("bytes %d-".formatted(ask.from()))) {
      throw failed(place.uri(), "answers with a part that was not asked for");
    }
    return ask.from();
  }

  private static String request(WebAddresses.Place place, Ask ask) {
    return "%sAccept: */*\r\nAccept-Encoding: identity\r\n%sConnection: close\r\n\r\n"
        .formatted(head("GET", place), ask.headers());
  }

  /// The lines with which every request begins.
  private static String head(String method, WebAddresses.Place place) {
    String path = place.uri().getRawPath();
    String query = place.uri().getRawQuery();
    int usual = place.secure() ? 443 : 80;
    return "%s %s%s HTTP/1.1\r\nHost: %s%s\r\nUser-Agent: Calco\r\n"
        .formatted(
            method,
            path == null || path.isEmpty() ? "/" : URI.create(path).toASCIIString(),
            query == null ? "" : "?" + query,
            place.host(),
            place.port() == usual ? "" : ":" + place.port());
  }

  private static int status(WebAddresses.Place place, InputStream in) throws IOException {
    String line = line(in);
    while (line.startsWith("HTTP/1.1 1")) { // RFC 9110, 15.2: answers on the way
      headers(in);
      line = line(in);
    }
    if (!line.matches("HTTP/1\\.[01] [0-9]{3}( .*)?")) {
      throw failed(place.uri(), "does not answer as HTTP/1.1");
    }
    return Integer.parseInt(line.substring(9, 12));
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the server ended its answer early");
      }
      if (line.length() == LINE_MAX) {
        throw new OperationException(
            Kind.CORRUPT, "the server sends a line of more than %d bytes".formatted(LINE_MAX));
      }
      line.append((char) c);
    }
    int length = line.length();
    return length > 0 && line.charAt(length - 1) == '\r'
        ? line.substring(0, length - 1)
        : line.toString();
  }

  private static Map<String, String> headers(InputStream in) throws IOException {
    Map<String, String> headers = new HashMap<>();
    int count = 0;
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      if (colon < 1 || ++count > HEADERS_MAX) {
        throw new OperationException(Kind.CORRUPT, "the server sends headers that are none");
      }
      headers.putIfAbsent(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return headers;
  }

  private static WebSource source(
      WebAddresses.Place place,
      Socket socket,
      InputStream in,
      Map<String, String> headers,
      long start) {
    if (!headers.getOrDefault("content-encoding", "identity").equals("identity")) {
      throw failed(place.uri(), "answers in an encoding that was not asked for");
    }
    String coding = headers.getOrDefault("transfer-encoding", "").toLowerCase(Locale.ROOT);
    if (coding.equals("chunked")) {
      return new WebSource(socket, new Chunked(in), OptionalLong.empty(), start);
    }
    if (!coding.isEmpty()) {
      throw failed(place.uri(), "answers in a transfer coding that is not known");
    }
    String length = headers.getOrDefault("content-length", "");
    if (length.isEmpty()) {
      return new WebSource(socket, in, OptionalLong.empty(), start);
    }
    if (!length.matches("[0-9]{1,18}")) {
      throw failed(place.uri(), "answers with a length that is none");
    }
    long bytes = Long.parseLong(length);
    return new WebSource(socket, new Exactly(in, bytes), OptionalLong.of(bytes), start);
  }

  /// Which byte of the content comes first.
  long start() {
    return start;
  }

  /// The content.
  InputStream body() {
    return body;
  }

  /// How long the server says that it is, in bytes.
  OptionalLong size() {
    return size;
  }

  /// Ends the connection under whoever reads from it.
  void abort() {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "a connection that nobody wants did not end well", e);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /// As many bytes as were announced: no fewer, and no more.
  private static final class Exactly extends BulkInput {
    private final InputStream in;
    private long left;

    Exactly(InputStream in, long length) {
      this.in = in;
      this.left = length;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int n = in.read(bytes, offset, Math.toIntExact(Math.min(length, left)));
      if (n < 0) {
        throw new EOFException("the server ended its answer %d bytes early".formatted(left));
      }
      left -= n;
      return n;
    }
  }

  /// RFC 9112, 7.1.
  private static final class Chunked extends BulkInput {
    private final InputStream in;
    private long left;
    private boolean begun;
    private boolean ended;

    Chunked(InputStream in) {
      this.in = in;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left == 0 && !ended) {
        next();
      }
      if (ended) {
        return -1;
      }
      int n = in.read(bytes, offset, Math.toIntExact(Math.min(length, left)));
      if (n < 0) {
        throw new EOFException("the server ended its answer within a chunk");
      }
      left -= n;
      return n;
    }

    private void next() throws IOException {
      if (begun && !line(in).isEmpty()) {
        throw new OperationException(Kind.CORRUPT, "the server sends chunks that are none");
      }
      begun = true;
      String size = line(in).replaceFirst("[ \\t]*;.*", "");
      if (!size.matches("[0-9a-fA-F]{1,15}")) {
        throw new OperationException(Kind.CORRUPT, "the server sends chunks that are none");
      }
      left = Long.parseLong(size, 16);
      if (left == 0) {
        headers(in);
        ended = true;
      }
    }
  }
}
