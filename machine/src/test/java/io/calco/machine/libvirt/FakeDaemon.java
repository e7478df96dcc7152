package io.calco.machine.libvirt;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/// Answers as libvirtd does until a machine is asked for by its name, and then as it is told. It
/// answers pings while it is told to.
final class FakeDaemon implements AutoCloseable {
  /// Those whose answer begins with a number: there it is 1.
  private static final Set<Integer> LISTS =
      Set.of(
          Procedure.AUTH_LIST.number(),
          Procedure.CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY.number(),
          Procedure.CONNECT_SUPPORTS_FEATURE.number());

  private final ServerSocketChannel listener;
  private final Path socket;
  private final CompletableFuture<Boolean> served = new CompletableFuture<>();
  final CompletableFuture<Boolean> pong = new CompletableFuture<>();
  final AtomicInteger pings = new AtomicInteger();
  volatile boolean deaf;

  /// What it says to the question.
  interface Answer {
    /// @param serial of the question
    void give(DataOutputStream out, int serial) throws IOException;
  }

  FakeDaemon(Path socket, Answer answer) throws IOException {
    this.socket = socket;
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofPlatform().daemon().start(() -> serve(answer));
  }

  SocketChannel connect() throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(socket));
  }

  private void serve(Answer answer) {
    try (SocketChannel client = listener.accept();
        DataInputStream in = new DataInputStream(Channels.newInputStream(client));
        DataOutputStream out = new DataOutputStream(Channels.newOutputStream(client))) {
      while (true) {
        ByteBuffer question = ByteBuffer.wrap(in.readNBytes(in.readInt() - 4));
        int procedure = question.getInt(8);
        int serial = question.getInt(16);
        if (question.getInt(0) == KeepAlive.PROGRAM) {
          kept(out, procedure);
        } else if (procedure == Procedure.DOMAIN_LOOKUP_BY_NAME.number()) {
          answer.give(out, serial);
          served.complete(true);
        } else {
          reply(out, procedure, serial, LISTS.contains(procedure) ? new int[] {0} : new int[0]);
        }
      }
    } catch (IOException e) {
      served.complete(false); // who asked has hung up
    }
  }

  private void kept(DataOutputStream out, int procedure) throws IOException {
    if (procedure == KeepAlive.Signal.PONG.number()) {
      pong.complete(true);
    } else {
      pings.incrementAndGet();
      if (!deaf) {
        keepAlive(out, KeepAlive.Signal.PONG);
      }
    }
  }

  static void keepAlive(DataOutputStream out, KeepAlive.Signal signal) throws IOException {
    out.writeInt(28);
    out.writeInt(KeepAlive.PROGRAM);
    out.writeInt(1);
    out.writeInt(signal.number());
    out.writeInt(2);
    out.writeLong(0);
    out.flush();
  }

  private static void reply(DataOutputStream out, int procedure, int serial, int[] content)
      throws IOException {
    header(out, content, procedure, 1, serial);
    if (content.length > 0) {
      out.writeInt(content.length);
    }
    for (int number : content) {
      out.writeInt(number);
    }
    out.flush();
  }

  private static void header(
      DataOutputStream out, int[] content, int procedure, int type, int serial) throws IOException {
    int words = 7 + content.length + (content.length > 0 ? 1 : 0);
    header(out, words * 4, procedure, type, serial);
  }

  static void header(DataOutputStream out, int length, int procedure, int type, int serial)
      throws IOException {
    out.writeInt(length);
    out.writeInt(0x20008086);
    out.writeInt(1);
    out.writeInt(procedure);
    out.writeInt(type);
    out.writeInt(serial);
    out.writeInt(0);
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
