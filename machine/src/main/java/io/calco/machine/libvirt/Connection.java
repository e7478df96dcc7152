package io.calco.machine.libvirt;

import io.calco.machine.LiveDisk;
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
import org.jspecify.annotations.Nullable;

/// A connection to libvirt's daemon. Safe for several threads, whose questions go out side by side.
public final class Connection implements AutoCloseable {
  /// Ours: refreshing a pool takes its time.
  public static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final Duration GREETING = Duration.ofSeconds(20); // ours: more means that it hangs
  private static final int AUTH_TYPES_MAX = 20; // REMOTE_AUTH_TYPE_LIST_MAX
  private static final int NONE = 0;
  private static final int POLKIT = 2;

  private final Wire wire;
  private final boolean local;

  private Connection(Wire wire, boolean local) {
    this.wire = wire;
    this.local = local;
  }

  /// Connects.
  ///
  /// @throws IOException when nobody listens there, or this user may not connect
  public static Connection open(LibvirtUri uri) throws IOException {
    return open(uri, PATIENCE);
  }

  /// Connects.
  ///
  /// @param patience how long an answer may take; one that does not come ends the connection
  /// @throws IOException when nobody listens there, or this user may not connect
  public static Connection open(LibvirtUri uri, Duration patience) throws IOException {
    return find(uri, patience).orElseThrow(() -> nobody(uri));
  }

  /// What is told where [#find] is empty.
  public static IOException nobody(LibvirtUri uri) {
    return new IOException(
        "%s: no libvirt listens at %s; start libvirtd, or name another one with --connect"
            .formatted(uri, uri.sockets().getLast()));
  }

  /// Connects where somebody listens.
  ///
  /// @param patience how long an answer may take, a greeting's no longer than 20 s; one that does
  ///   not come ends the connection
  /// @throws IOException when somebody does, and this user may not connect, or gets no answer
  public static Optional<Connection> find(LibvirtUri uri, Duration patience) throws IOException {
    if (uri.server().isPresent()) {
      String name = uri.server().get().toString();
      Wire wire = wire(name, RemoteSocket.open(uri, uri.server().get()), patience);
      return Optional.of(greet(new Connection(wire, false), uri.driver(), patience));
    }
    @Nullable IOException last = null;
    for (Path socket : uri.sockets()) {
      if (!Files.exists(socket)) {
        continue;
      }
      try {
        return Optional.of(
            owning(
                socket.toString(),
                SocketChannel.open(UnixDomainSocketAddress.of(socket)),
                uri.driver(),
                patience));
      } catch (LibvirtException e) {
        throw e;
      } catch (ConnectException e) {
        // Who listened has ended; another may listen elsewhere.
      } catch (IOException e) {
        last = unusable(socket, e);
      }
    }
    if (last != null) {
      throw last;
    }
    return Optional.empty();
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
    return greet(new Connection(wire(name, channel, patience), true), driver, patience);
  }

  private static Wire wire(String name, ByteChannel channel, Duration patience) {
    return Wire.owning(name, channel, patience.compareTo(GREETING) < 0 ? patience : GREETING);
  }

  private static Connection greet(Connection connection, String driver, Duration patience)
      throws IOException {
    try {
      connection.authenticate();
      connection.wire.call(Procedure.CONNECT_OPEN, new XdrWriter().put(Optional.of(driver)).put(0));
      connection.wire.patience(patience);
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

  /// Asks to be told what happens to its machines, from now on. While that is asked for, a libvirt
  /// that is not there any more is noticed within half a minute, also when nothing is asked.
  ///
  /// A connection can have one such listener at a time.
  ///
  /// @throws LibvirtException when it cannot tell
  public DomainEvents events() throws IOException {
    return DomainEvents.open(wire, KeepAlive.INTERVAL);
  }

  /// A disk of a running machine.
  ///
  /// @param target its place in the guest: `vda`
  public LiveDisk disk(Domain domain, String target) {
    return new DomainLiveDisk(wire, domain, target);
  }

  /// Backups of its running machines.
  public DomainBackups backups() {
    return new DomainBackups(wire);
  }

  /// Its pools of disks.
  public StoragePools pools() {
    return new StoragePools(wire);
  }

  Wire wire() {
    return wire;
  }

  /// False once nothing can be asked any more: libvirt has ended, or this was closed.
  public boolean alive() {
    return wire.alive();
  }

  /// Ends it at once, whether or not libvirt still answers; what waits for an answer fails.
  public void hangUp() {
    wire.close();
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
