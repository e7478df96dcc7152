package io.calco.machine;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Whether the guest takes a TCP connection. QEMU takes ours at once, whatever the guest does; so
/// it is asked what became of its own to the guest: `info usernet`. Confined.
final class PortProbe implements AutoCloseable {
  private static final long PAUSE_NANOS = 5_000_000_000L; // ours: then we knock again

  // TCP[HOST_FORWARD]  13  127.0.0.1 38415  10.0.2.15  22  0  0
  private static final Pattern FORWARD =
      Pattern.compile("TCP\\[HOST_FORWARD\\]\\s+\\d+\\s+127\\.0\\.0\\.1\\s+(\\d{1,5})\\s");

  private final Qmp monitor;
  private final int port;
  private @Nullable SocketChannel knock;
  private long knocked;

  PortProbe(Qmp monitor, int port) {
    this.monitor = monitor;
    this.port = port;
  }

  /// True when the guest has taken a connection.
  boolean answered() throws IOException {
    String connections = monitor.human("info usernet");
    if (Pattern.compile("TCP\\[ESTABLISHED\\][^\n]*\\s" + port + "\\s")
        .matcher(connections)
        .find()) {
      return true;
    }
    if (knock == null || System.nanoTime() - knocked > PAUSE_NANOS) {
      close();
      Matcher forward = FORWARD.matcher(connections);
      if (!forward.find()) {
        throw new IOException("QEMU forwards no port");
      }
      int ours = Integer.parseInt(forward.group(1));
      SocketChannel channel = SocketChannel.open();
      knock = channel;
      channel.configureBlocking(false);
      channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), ours));
      knocked = System.nanoTime();
    }
    return false;
  }

  @Override
  public void close() throws IOException {
    if (knock != null) {
      knock.close();
    }
  }
}
