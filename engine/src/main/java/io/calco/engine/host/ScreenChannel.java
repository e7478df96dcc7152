package io.calco.engine.host;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;

/// A machine's VNC screen on this host.
final class ScreenChannel {
  private ScreenChannel() {}

  /// Connects. The address is one that libvirt told, of this host's loopback.
  static SocketChannel open(SocketAddress address) throws IOException {
    SocketChannel channel = null;
    try {
      channel = SocketChannel.open(address);
      if (address instanceof InetSocketAddress) {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      }
      return channel;
    } catch (IOException e) {
      if (channel != null) {
        channel.close();
      }
      throw new OperationException(
          Kind.BUSY, "the screen at %s cannot be reached: %s".formatted(address, e.getMessage()));
    }
  }
}
