package io.calco.nbd;

import io.calco.disk.ThreadEnd;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/// Serves disks to whoever connects, until it is closed.
///
/// Thread rule: safe. The disks are used by the connections' threads.
public final class NbdServer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.calco.nbd");
  private static final long PAUSE_NANOS = 100_000_000L;

  /// How clients are served.
  ///
  /// @param tls how connections are encrypted; empty for not at all
  /// @param connections how many at once, at least 1; further ones are hung up on
  /// @param handshake how long a client may take to choose an export
  public record Options(Optional<NbdTls> tls, int connections, Duration handshake) {
    /// In the clear, 64 connections, half a minute.
    public static Options defaults() {
      return new Options(Optional.empty(), 64, Duration.ofSeconds(30));
    }

    /// The same, encrypted.
    public Options with(NbdTls other) {
      return new Options(Optional.of(other), connections, handshake);
    }
  }

  private final ServerSocketChannel listener;
  private final Options options;
  private final Optional<Path> socket;
  private final Map<String, NbdExport> exports = new LinkedHashMap<>();
  private final Map<Thread, SocketChannel> connections = new ConcurrentHashMap<>();
  private final Thread accepting;
  private volatile boolean closed;

  private NbdServer(
      ServerSocketChannel listener, Optional<Path> socket, List<NbdExport> all, Options options) {
    this.listener = listener;
    this.options = options;
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
  public static NbdServer onUnixSocket(Path socket, List<NbdExport> exports, Options options)
      throws IOException {
    return start(
        ServerSocketChannel.open(StandardProtocolFamily.UNIX),
        UnixDomainSocketAddress.of(socket),
        Optional.of(socket),
        exports,
        options);
  }

  /// Serves on a TCP port.
  ///
  /// @param address port 0 is any that is free: [#address]
  /// @param exports each of another name
  /// @throws IOException when it cannot be had
  public static NbdServer onTcp(InetSocketAddress address, List<NbdExport> exports, Options options)
      throws IOException {
    return start(ServerSocketChannel.open(), address, Optional.empty(), exports, options);
  }

  private static NbdServer start(
      ServerSocketChannel listener,
      SocketAddress address,
      Optional<Path> socket,
      List<NbdExport> exports,
      Options options)
      throws IOException {
    try {
      NbdServer server = new NbdServer(listener, socket, exports, options);
      listener.bind(address);
      server.accepting.start();
      return server;
    } catch (IOException | RuntimeException e) {
      try (listener) {
        throw e;
      }
    }
  }

  /// Where it listens.
  public SocketAddress address() throws IOException {
    return listener.getLocalAddress();
  }

  private void accept() {
    while (!closed) {
      try {
        SocketChannel channel = listener.accept();
        if (connections.size() >= options.connections()) {
          channel.close();
          continue;
        }
        Thread thread =
            Thread.ofPlatform().daemon().name("nbd-connection").unstarted(() -> serve(channel));
        connections.put(thread, channel);
        thread.start();
      } catch (IOException e) {
        if (!closed) {
          // Such as too many files that are open.
          LOG.log(System.Logger.Level.WARNING, "a connection could not be taken: {0}", e);
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
    }
  }

  private void serve(SocketChannel channel) {
    try (Wire wire = new Wire(channel)) {
      if (channel.getRemoteAddress() instanceof InetSocketAddress) {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      }
      Optional<Agreed> agreed = shakeHands(wire);
      if (agreed.isPresent()) {
        new Transmission(wire, agreed.get()).run();
      }
    } catch (IOException e) {
      // The client went, or has to.
      LOG.log(System.Logger.Level.DEBUG, "a connection ended", e);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "a connection failed", e);
    } finally {
      connections.remove(Thread.currentThread());
    }
  }

  private Optional<Agreed> shakeHands(Wire wire) throws IOException {
    AtomicBoolean over = new AtomicBoolean();
    Executor late =
        CompletableFuture.delayedExecutor(options.handshake().toMillis(), TimeUnit.MILLISECONDS);
    late.execute(() -> {
      if (over.compareAndSet(false, true)) {
        hangUp(wire);
      }
    });
    try {
      return new Handshake(wire, exports, options.tls()).run();
    } finally {
      over.set(true);
    }
  }

  private static void hangUp(Wire wire) {
    try {
      wire.hangUp();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "a client that took too long", e);
    }
  }

  /// Hangs up on everybody, and returns when no disk is used any more.
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (listener) {
      listener.close();
      ThreadEnd.await(accepting);
      for (Map.Entry<Thread, SocketChannel> connection : Map.copyOf(connections).entrySet()) {
        connection.getValue().close();
        ThreadEnd.await(connection.getKey());
      }
    } finally {
      if (socket.isPresent()) {
        Files.deleteIfExists(socket.get());
      }
    }
  }
}
