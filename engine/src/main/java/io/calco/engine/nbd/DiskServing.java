package io.calco.engine.nbd;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.PemFiles;
import io.calco.nbd.NbdAddress;
import io.calco.nbd.NbdAddress.Place;
import io.calco.nbd.NbdExport;
import io.calco.nbd.NbdServer;
import io.calco.nbd.NbdTls;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Disks that are served over NBD until this is closed. Thread rule: safe.
public final class DiskServing implements AutoCloseable {
  /// Where disks are served unless something else is said: this host alone.
  public static final String DEFAULT_LISTEN = "127.0.0.1:" + NbdAddress.DEFAULT_PORT;

  private static final String UNIX = "unix:";

  private final NbdServer server;
  private final List<NbdAddress> addresses;

  private DiskServing(NbdServer server, List<NbdAddress> addresses) {
    this.server = server;
    this.addresses = addresses;
  }

  /// What encrypts.
  ///
  /// @param certificate PEM, the server's own first, then those that vouch for it
  /// @param key PEM, not encrypted
  /// @param clients PEM, certificates that vouch for clients, who then have to show one; empty to
  ///   let anybody
  public record Certificates(Path certificate, Path key, Optional<Path> clients) {}

  /// Whether disks may be served to other hosts in the clear.
  public enum Clear {
    REFUSED,
    ALLOWED
  }

  /// How disks are served.
  ///
  /// @param listen `HOST:PORT`, or `unix:PATH`; port 0 is any that is free
  /// @param certificates then all connections are encrypted
  public record Order(String listen, Optional<Certificates> certificates, Clear clear) {}

  /// Begins to serve.
  ///
  /// @throws OperationException USAGE when the order is not understood, REFUSED when it would serve
  ///   others in the clear, or something is in the way
  public static DiskServing start(List<ServedDisk> disks, Order order) throws IOException {
    Place place = place(order.listen());
    requireSafe(place, order);
    Set<String> names = disks.stream().map(ServedDisk::name).collect(Collectors.toSet());
    if (names.size() < disks.size()) {
      throw new OperationException(
          Kind.USAGE, "two disks would have the same name", "name each: --export NAME");
    }
    NbdServer.Options options = NbdServer.Options.defaults();
    if (order.certificates().isPresent()) {
      options = options.with(tls(order.certificates().get()));
    }
    List<NbdExport> exports =
        disks.stream()
            .map(disk -> new NbdExport(disk.name(), disk.disk(), disk.bitmaps()))
            .toList();
    NbdServer server = bind(place, exports, options);
    try {
      Place bound =
          server.address() instanceof InetSocketAddress inet
              ? new Place.Tcp(inet.getHostString(), inet.getPort())
              : place;
      boolean encrypted = order.certificates().isPresent();
      return new DiskServing(
          server,
          disks.stream()
              .map(disk -> new NbdAddress(bound, disk.name(), encrypted, Optional.empty()))
              .toList());
    } catch (IOException | RuntimeException e) {
      try (server) {
        throw e;
      }
    }
  }

  private static Place place(String listen) {
    try {
      if (listen.startsWith(UNIX)) {
        return new Place.Unix(Path.of(listen.substring(UNIX.length())).toAbsolutePath());
      }
      if (listen.matches("[^/?#@]+:\\d{1,5}")) {
        return NbdAddress.parse("nbd://" + listen).place();
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw new OperationException(
        Kind.USAGE,
        "\"%s\" is not HOST:PORT or unix:PATH".formatted(listen),
        "such as %s, or unix:/run/user/1000/disk.sock".formatted(DEFAULT_LISTEN));
  }

  private static void requireSafe(Place place, Order order) throws IOException {
    if (place instanceof Place.Tcp tcp
        && order.certificates().isEmpty()
        && order.clear() == Clear.REFUSED
        && !tcp.addresses().stream().allMatch(one -> one.getAddress().isLoopbackAddress())) {
      throw new OperationException(
          Kind.REFUSED,
          order.listen() + ": whoever reaches it could read the disk, and anybody between",
          "encrypt it (--tls-cert FILE --tls-key FILE), or say that you mean it: --allow-clear");
    }
  }

  private static NbdTls tls(Certificates files) throws IOException {
    var own = PemFiles.read(files.certificate(), files.key());
    Optional<KeyStore> trusted =
        files.clients().isPresent()
            ? Optional.of(PemFiles.trusted(files.clients().get()))
            : Optional.empty();
    return new NbdTls(
        PemFiles.context(Optional.of(own), trusted),
        NbdTls.Use.REQUIRED,
        trusted.isPresent() ? NbdTls.Clients.CERTIFIED : NbdTls.Clients.ANYBODY);
  }

  private static NbdServer bind(Place place, List<NbdExport> exports, NbdServer.Options options)
      throws IOException {
    try {
      return switch (place) {
        case Place.Tcp tcp -> NbdServer.onTcp(tcp.addresses().getFirst(), exports, options);
        case Place.Unix(var socket) -> {
          if (Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            throw new OperationException(
                Kind.REFUSED, socket + ": is there already", "remove it if nobody serves there");
          }
          yield NbdServer.onUnixSocket(socket, exports, options);
        }
      };
    } catch (BindException e) {
      throw new OperationException(
          Kind.REFUSED,
          "%s: cannot listen there: %s".formatted(said(place), e.getMessage()),
          "another program may; --listen names another place");
    }
  }

  private static String said(Place place) {
    return switch (place) {
      case Place.Tcp(var host, var port) -> host + ":" + port;
      case Place.Unix(var socket) -> socket.toString();
    };
  }

  /// Where each disk is found, in the order that they were given.
  public List<String> addresses() {
    return addresses.stream().map(NbdAddress::toString).toList();
  }

  /// Hangs up on everybody; then no disk is used any more.
  @Override
  public void close() throws IOException {
    server.close();
  }
}
