package io.calco.nbd;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Serves disks for reading to whoever connects, until it is closed.
///
/// Thread rule: safe. The disks are read by the connections' threads.
public final class NbdServer implements AutoCloseable {
  private static final int CONNECTIONS_MAX = 16; // ours
  private static final System.Logger LOG = System.getLogger("io.calco.nbd");

  private final ServerSocketChannel listener;
  private final Optional<Path> socket;
  private final Map<String, NbdExport> exports = new HashMap<>();
  private final Map<Thread, SocketChannel> connections = new ConcurrentHashMap<>();
  private final Thread accepting;
  private volatile boolean closed;

  private NbdServer(ServerSocketChannel listener, Optional<Path> socket, List<NbdExport> all) {
    this.listener = listener;
    this.socket = socket;
    for (NbdExport export : all) {
      if (exports.put(export.name(), export) != null) {
        throw new IllegalArgumentException("two exports have the name " + export.name());
      }
    }
    accepting = Thread.ofPlatform().daemon().name("nbd").unstarted(this::accept);
  }

  /// Serves on a Unix socket, which is made now and removed at the end. Who may connect is for the
  /// permissions of its directory to say.
  ///
  /// @param socket must not exist; the system allows some 100 bytes
  /// @param exports each of another name
  /// @throws IOException when it cannot be made
  public static NbdServer onUnixSocket(Path socket, List<NbdExport> exports) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      SocketAddress address = UnixDomainSocketAddress.of(socket);
      listener.bind(address);
      NbdServer server = new NbdServer(listener, Optional.of(socket), exports);
      server.accepting.start();
      return server;
    } catch (IOException | RuntimeException e) {
      try (listener) {
        throw e;
      }
    }
  }

  private void accept() {
    while (!closed) {
      try {
        SocketChannel channel = listener.accept();
        if (connections.size() >= CONNECTIONS_MAX) {
          channel.close();
          continue;
        }
        Thread thread =
            Thread.ofPlatform().daemon().name("nbd-connection").unstarted(() -> serve(channel));
        connections.put(thread, channel);
        thread.start();
      } catch (IOException e) {
        if (!closed) {
          LOG.log(System.Logger.Level.WARNING, "no more connections are taken: {0}", e);
        }
        return;
      }
    }
  }

  private void serve(SocketChannel channel) {
    try (Wire wire = new Wire(channel)) {
      Optional<NbdExport> export = new Handshake(wire, exports).run();
      if (export.isPresent()) {
        new Transmission(wire, export.get().disk()).run();
      }
    } catch (IOException e) {
      // The client went, or has to.
      LOG.log(System.Logger.Level.DEBUG, "a connection ended", e);
    } finally {
      connections.remove(Thread.currentThread());
    }
  }

  /// Hangs up on everybody, and returns when no disk is read any more.
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (listener) {
      listener.close();
      join(accepting);
      for (Map.Entry<Thread, SocketChannel> connection : Set.copyOf(connections.entrySet())) {
        connection.getValue().close();
        join(connection.getKey());
      }
    } finally {
      if (socket.isPresent()) {
        Files.deleteIfExists(socket.get());
      }
    }
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
