package io.calco.nbd;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/// The connections to one export: one, or, where the server allows it, a few for threads that ask
/// side by side. Thread rule: safe, but for [#close].
final class ConnectionPool implements AutoCloseable {
  private static final int CONNECTIONS_MAX = 4; // ours

  private final NbdAddress address;
  private final String context;
  private final NbdDisk.Options options;
  private final ClientHandshake.Served served;
  private final Lock lock = new ReentrantLock();
  private final Condition returned = lock.newCondition();
  private final Deque<NbdConnection> idle = new ArrayDeque<>();
  private int open = 1;
  private int most;
  private boolean broken;

  private ConnectionPool(
      NbdAddress address, String context, NbdDisk.Options options, NbdConnection first) {
    this.address = address;
    this.context = context;
    this.options = options;
    this.served = first.served();
    this.most = served.can(Nbd.CAN_MULTI_CONN) ? CONNECTIONS_MAX : 1;
    idle.push(first);
  }

  /// @param context what is to be asked about runs
  static ConnectionPool open(NbdAddress address, String context, NbdDisk.Options options)
      throws IOException {
    return new ConnectionPool(address, context, options, connect(address, context, options));
  }

  private static NbdConnection connect(NbdAddress address, String context, NbdDisk.Options options)
      throws IOException {
    return NbdConnection.open(address, context, () -> engine(address, options), options.connect());
  }

  /// A server on a Unix socket shows a certificate for `localhost`.
  private static SSLEngine engine(NbdAddress address, NbdDisk.Options options) {
    try {
      SSLContext context =
          options.tls().isPresent() ? options.tls().get() : SSLContext.getDefault();
      SSLEngine engine =
          switch (address.place()) {
            case NbdAddress.Place.Tcp(var host, var port) -> context.createSSLEngine(host, port);
            case NbdAddress.Place.Unix _ -> context.createSSLEngine("localhost", 0);
          };
      engine.setUseClientMode(true);
      engine.setEnabledProtocols(NbdTls.protocols());
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      engine.setSSLParameters(parameters);
      return engine;
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no TLS", e);
    }
  }

  ClientHandshake.Served served() {
    return served;
  }

  /// Work on a connection.
  interface Work {
    void on(NbdConnection connection) throws IOException;
  }

  /// Does some work on a connection that nobody else uses meanwhile.
  void run(Work work) throws IOException {
    NbdConnection connection = take();
    boolean sound = false;
    try {
      work.on(connection);
      sound = true;
    } catch (NbdException refused) {
      sound = true;
      throw refused;
    } finally {
      give(connection, sound);
    }
  }

  private NbdConnection take() throws IOException {
    lock.lock();
    try {
      while (!broken && idle.isEmpty() && open >= most) {
        returned.awaitUninterruptibly();
      }
      if (broken) {
        throw new IOException(address + ": the connection broke before");
      }
      if (!idle.isEmpty()) {
        return idle.pop();
      }
      open++;
    } finally {
      lock.unlock();
    }
    return another();
  }

  /// One more; another's, where the server does not want that.
  private NbdConnection another() throws IOException {
    try {
      NbdConnection made = connect(address, context, options);
      if (made.served().equals(served)) {
        return made;
      }
      made.hangUp();
    } catch (IOException tooMany) {
      System.getLogger("io.calco.nbd")
          .log(System.Logger.Level.DEBUG, "no further connection", tooMany);
    }
    lock.lock();
    try {
      open--;
      most = open;
    } finally {
      lock.unlock();
    }
    return take();
  }

  private void give(NbdConnection connection, boolean sound) throws IOException {
    lock.lock();
    try {
      if (sound) {
        idle.push(connection);
      } else {
        open--;
        broken = true; // what was written may be lost: nothing goes on
      }
      returned.signalAll();
    } finally {
      lock.unlock();
    }
    if (!sound) {
      connection.hangUp();
    }
  }

  /// Says goodbye on all; nobody may be using one.
  @Override
  public void close() {
    while (!idle.isEmpty()) {
      idle.pop().close();
    }
  }
}
