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
import java.util.concurrent.CompletableFuture;

/// Answers as libvirtd does until a machine is asked for by its name, and then as it is told.
final class FakeDaemon implements AutoCloseable {
  private final ServerSocketChannel listener;
  private final Path socket;
  private final CompletableFuture<Boolean> served = new CompletableFuture<>();

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
        if (procedure == Procedure.DOMAIN_LOOKUP_BY_NAME.number()) {
          answer.give(out, serial);
          served.complete(true);
        } else {
          int[] list = procedure == Procedure.AUTH_LIST.number() ? new int[] {0} : new int[0];
          reply(out, procedure, serial, list);
        }
      }
    } catch (IOException e) {
      served.complete(false); // who asked has hung up
    }
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
