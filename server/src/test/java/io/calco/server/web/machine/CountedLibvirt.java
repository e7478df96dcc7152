package io.calco.server.web.machine;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/// A socket that leads to a libvirtd's, and counts what is asked on the way there.
final class CountedLibvirt implements AutoCloseable {
  private static final int REMOTE = 0x20008086;
  private static final int HEADER = 24;

  private final Path socket;
  private final Path behind;
  private final ServerSocketChannel listener;
  private final AtomicInteger questions = new AtomicInteger();

  /// @param socket that is made
  /// @param behind the daemon's
  CountedLibvirt(Path socket, Path behind) throws IOException {
    this.socket = socket;
    this.behind = behind;
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofVirtual().start(this::serve);
  }

  String uri() {
    return "qemu+unix:///system?socket=" + socket;
  }

  /// How many until now.
  int questions() {
    return questions.get();
  }

  private void serve() {
    try {
      while (true) {
        SocketChannel client = listener.accept();
        SocketChannel daemon = SocketChannel.open(UnixDomainSocketAddress.of(behind));
        Thread.ofVirtual().start(() -> there(client, daemon));
        Thread.ofVirtual().start(() -> back(daemon, client));
      }
    } catch (IOException e) {
      // It was closed.
    }
  }

  private void there(SocketChannel client, SocketChannel daemon) {
    try (client;
        daemon;
        DataInputStream in = new DataInputStream(Channels.newInputStream(client));
        DataOutputStream out = new DataOutputStream(Channels.newOutputStream(daemon))) {
      while (true) {
        byte[] message = in.readNBytes(in.readInt() - Integer.BYTES);
        ByteBuffer header = ByteBuffer.wrap(message, 0, HEADER);
        if (header.getInt(0) == REMOTE && header.getInt(12) == 0) {
          questions.incrementAndGet();
        }
        out.write(
            ByteBuffer.allocate(Integer.BYTES + message.length)
                .putInt(Integer.BYTES + message.length)
                .put(message)
                .array());
      }
    } catch (IOException e) {
      // One of them has hung up.
    }
  }

  private static void back(SocketChannel daemon, SocketChannel client) {
    try (daemon;
        client;
        InputStream in = Channels.newInputStream(daemon);
        OutputStream out = Channels.newOutputStream(client)) {
      in.transferTo(out);
    } catch (IOException e) {
      // One of them has hung up.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
