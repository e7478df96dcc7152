package io.calco.machine.libvirt;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A connection to libvirt's daemon. Safe for several threads, whose questions go out side by side.
public final class Connection implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(10); // ours: refreshing a pool takes
  private static final int AUTH_TYPES_MAX = 20; // REMOTE_AUTH_TYPE_LIST_MAX
  private static final int NONE = 0;
  private static final int POLKIT = 2;

  private final Wire wire;
  private boolean local = true;

  private Connection(Wire wire) {
    this.wire = wire;
  }

  /// Connects.
  ///
  /// @throws IOException when nobody listens there, or this user may not connect
  public static Connection open(LibvirtUri uri) throws IOException {
    if (uri.server().isPresent()) {
      Connection remote =
          owning(
              uri.server().get().toString(),
              RemoteSocket.open(uri, uri.server().get()),
              uri.driver(),
              PATIENCE);
      remote.local = false;
      return remote;
    }
    IOException last =
        new IOException(
            "%s: no libvirt listens at %s; start libvirtd, or name another one with --connect"
                .formatted(uri, uri.sockets().getLast()));
    for (Path socket : uri.sockets()) {
      if (!Files.exists(socket)) {
        continue;
      }
      try {
        return owning(
            socket.toString(),
            SocketChannel.open(UnixDomainSocketAddress.of(socket)),
            uri.driver(),
            PATIENCE);
      } catch (LibvirtException e) {
        throw e;
      } catch (ConnectException e) {
        // Who listened has ended; another may listen elsewhere.
      } catch (IOException e) {
        last = unusable(socket, e);
      }
    }
    throw last;
  }

  private static IOException unusable(Path socket, IOException e) {
    return Files.isWritable(socket)
        ? new IOException("%s: %s".formatted(socket, e.getMessage()), e)
        : new AccessDeniedException(
            socket.toString(), null, "this user may not connect: join the group libvirt");
  }

  /// Takes a connection over that nothing was said on.
  static Connection owning(String name, ByteChannel channel, String driver, Duration patience)
      throws IOException {
    Connection connection = new Connection(Wire.owning(name, channel, patience));
    try {
      connection.authenticate();
      connection.wire.call(Procedure.CONNECT_OPEN, new XdrWriter().put(Optional.of(driver)).put(0));
      return connection;
    } catch (IOException | RuntimeException e) {
      connection.wire.close();
      throw e;
    }
  }

  /// On a Unix socket either nothing is asked, or polkit is, which knows who we are.
  private void authenticate() throws IOException {
    List<Integer> types =
        wire.call(Procedure.AUTH_LIST, new XdrWriter())
            .readList(AUTH_TYPES_MAX, XdrReader::readInt);
    if (types.isEmpty() || types.contains(NONE)) {
      return;
    }
    if (!types.contains(POLKIT)) {
      throw new AccessDeniedException(
          "libvirt", null, "it wants a password (SASL), which Calco cannot give");
    }
    wire.call(Procedure.AUTH_POLKIT, new XdrWriter());
  }

  /// True when its machines and their disks are on this host.
  public boolean local() {
    return local;
  }

  /// The daemon's version: major × 1,000,000 + minor × 1,000 + release.
  public long version() throws IOException {
    return wire.call(Procedure.CONNECT_GET_LIB_VERSION, new XdrWriter()).readHyper();
  }

  /// What the host and its hypervisor can do.
  public Capabilities capabilities() throws IOException {
    return new Capabilities(
        XmlText.parse(wire.call(Procedure.CONNECT_GET_CAPABILITIES, new XdrWriter()).readString()));
  }

  /// Its machines.
  public Domains domains() {
    return new Domains(wire);
  }

  /// Its pools of disks.
  public StoragePools pools() {
    return new StoragePools(wire);
  }

  /// Says good-bye where anybody listens.
  @Override
  public void close() {
    try (wire) {
      wire.call(Procedure.CONNECT_CLOSE, new XdrWriter());
    } catch (IOException e) {
      System.getLogger(Connection.class.getName())
          .log(System.Logger.Level.DEBUG, "libvirt's connection was closed already", e);
    }
  }
}
