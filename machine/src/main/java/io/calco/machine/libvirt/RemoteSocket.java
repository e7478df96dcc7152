package io.calco.machine.libvirt;

import io.calco.ssh.SshConnection;
import io.calco.ssh.SshServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.time.Duration;

/// The socket of a libvirt on another host: its SSH server connects to it, as its user would, and
/// no program is needed there. Closing it ends the SSH connection.
final class RemoteSocket implements ByteChannel {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final SshConnection ssh;
  private final ByteChannel channel;

  private RemoteSocket(SshConnection ssh, ByteChannel channel) {
    this.ssh = ssh;
    this.channel = channel;
  }

  /// Logs in and connects to the first socket where somebody listens.
  ///
  /// @throws AccessDeniedException when the server is not known, or refuses the login
  /// @throws IOException when it cannot be reached, or nobody listens
  static RemoteSocket open(LibvirtUri uri, SshServer server) throws IOException {
    SshConnection ssh = new SshConnection(server, PATIENCE);
    try {
      ssh.session();
      IOException last = new IOException(server + ": no libvirt is looked for");
      for (Path socket : uri.sockets()) {
        try {
          return new RemoteSocket(ssh, ssh.openSocket(socket.toString()));
        } catch (IOException e) {
          last = e;
        }
      }
      throw new IOException(
          last.getMessage()
              + "; no libvirt listens there, %s may not connect to it (group libvirt), or the SSH"
                  .formatted(server.user())
              + " server has AllowStreamLocalForwarding no",
          last);
    } catch (IOException | RuntimeException e) {
      ssh.close();
      throw e;
    }
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    return channel.read(into);
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    return channel.write(bytes);
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    try (ssh) {
      channel.close();
    }
  }
}
