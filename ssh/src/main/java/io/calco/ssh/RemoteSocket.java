package io.calco.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import org.apache.sshd.client.channel.AsyncCapableClientChannel;
import org.apache.sshd.client.future.DefaultOpenFuture;
import org.apache.sshd.client.future.OpenFuture;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.SshException;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.util.buffer.Buffer;

/// A channel to a Unix socket of the server's host, which the server connects to. Specification:
/// OpenSSH's `PROTOCOL`, 2.4, `direct-streamlocal@openssh.com`.
final class RemoteSocket extends AsyncCapableClientChannel {
  private static final String TYPE = "direct-streamlocal@openssh.com";

  private final String path;

  /// @param path of the socket there
  RemoteSocket(String path) {
    super(TYPE, false);
    this.path = path;
  }

  @Override
  public synchronized OpenFuture open() throws IOException {
    if (closeFuture.isClosed()) {
      throw new SshException("the session has been closed");
    }
    OpenFuture opening = new DefaultOpenFuture(path, futureLock);
    openFuture = opening;
    Session session = getSession();
    Buffer message = session.createBuffer(SshConstants.SSH_MSG_CHANNEL_OPEN);
    message.putString(getChannelType());
    message.putUInt(getChannelId());
    message.putUInt(getLocalWindow().getSize());
    message.putUInt(getLocalWindow().getPacketSize());
    message.putString(path);
    message.putString(""); // reserved
    message.putUInt(0); // reserved
    writePacket(message);
    return opening;
  }

  /// The channel as bytes in both directions; closing it closes the channel.
  ByteChannel bytes() {
    return new Bytes(getInvertedOut(), getInvertedIn());
  }

  private final class Bytes implements ByteChannel {
    private final ReadableByteChannel from;
    private final WritableByteChannel to;
    private final OutputStream out;

    Bytes(InputStream in, OutputStream out) {
      this.out = out;
      from = Channels.newChannel(in);
      to = Channels.newChannel(out);
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      return from.read(into);
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      int count = to.write(bytes);
      out.flush();
      return count;
    }

    @Override
    public boolean isOpen() {
      return RemoteSocket.this.isOpen();
    }

    @Override
    public void close() {
      RemoteSocket.this.close(true);
    }
  }
}
