package io.calco.store.sftp;

import io.calco.disk.DiskException;
import io.calco.disk.RateLimit;
import io.calco.ssh.SshConnection;
import io.calco.ssh.SshServer;
import io.calco.ssh.SshUnreachableException;
import io.calco.store.backend.TransientBackendException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.StreamCorruptedException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import org.apache.sshd.client.channel.ChannelSubsystem;
import org.apache.sshd.client.session.ClientSession;

/// Channels of one connection, each lent to one thread at a time; who comes when all are lent
/// waits.
///
/// Thread rule: safe for several threads at once.
final class ChannelPool implements AutoCloseable {
  /// Packs on their way, and what is read meanwhile. OpenSSH's servers allow ten.
  static final int CHANNELS = 4;

  private static final Duration OPENING = Duration.ofSeconds(15);

  private final SshServer server;
  private final SshConnection connection;
  private final RateLimit rate;
  private final Duration patience;
  private final Semaphore places = new Semaphore(CHANNELS);
  private final ConcurrentLinkedDeque<SftpChannel> idle = new ConcurrentLinkedDeque<>();

  /// @param rate what may pass in both directions together
  /// @param patience how long an answer may take
  ChannelPool(SshServer server, RateLimit rate, Duration patience) throws IOException {
    this.server = server;
    this.connection = new SshConnection(server, patience);
    this.rate = rate;
    this.patience = patience;
  }

  /// What is done on a channel.
  interface Work<T> {
    T run(SftpChannel channel) throws IOException;
  }

  /// Does something on a channel.
  ///
  /// @param where the object or place that it is about, for messages
  /// @throws TransientBackendException when the connection failed
  /// @throws FileSystemException when the server refuses; of its kind where the server says so
  <T> T with(String where, Work<T> work) throws IOException {
    try {
      places.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(where + ": interrupted");
    }
    try {
      return on(where, channel(), work);
    } finally {
      places.release();
    }
  }

  private SftpChannel channel() throws IOException {
    SftpChannel kept;
    while ((kept = idle.poll()) != null) {
      if (kept.usable()) {
        return kept;
      }
      kept.close();
    }
    return open();
  }

  private SftpChannel open() throws IOException {
    ClientSession live;
    try {
      live = connection.session();
    } catch (SshUnreachableException e) {
      throw new TransientBackendException(e.getFile(), String.valueOf(e.getReason()), e);
    }
    try {
      ChannelSubsystem channel = live.createSubsystemChannel("sftp");
      channel.open().verify(OPENING);
      return SftpChannel.owning(channel, rate, patience);
    } catch (IOException | IllegalStateException e) { // the latter when the session ends just then
      live.close(true);
      throw new TransientBackendException(
          server.toString(),
          "no SFTP channel: " + SshConnection.harmless(String.valueOf(e.getMessage())),
          e);
    }
  }

  private <T> T on(String where, SftpChannel channel, Work<T> work) throws IOException {
    try {
      return work.run(channel);
    } catch (FileSystemException | DiskException | EOFException | InterruptedIOException e) {
      throw e;
    } catch (SftpException e) {
      throw refused(where, e);
    } catch (StreamCorruptedException e) {
      throw new FileSystemException(where, null, "the server answers wrongly: " + e.getMessage());
    } catch (SftpChannel.TimeoutException e) {
      connection.drop();
      throw new TransientBackendException(where, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new TransientBackendException(
          where,
          "the connection was lost: " + SshConnection.harmless(String.valueOf(e.getMessage())),
          e);
    } finally {
      if (channel.usable()) {
        idle.push(channel);
      } else {
        channel.close();
      }
    }
  }

  private static FileSystemException refused(String where, SftpException e) {
    String reason = "the server refuses it: " + e.getMessage();
    return switch (e.code()) {
      case Reply.NO_SUCH_FILE -> new NoSuchFileException(where);
      case Reply.PERMISSION_DENIED -> new AccessDeniedException(where, null, reason);
      case Reply.NO_CONNECTION, Reply.CONNECTION_LOST ->
          new TransientBackendException(where, reason);
      default -> new FileSystemException(where, null, reason);
    };
  }

  @Override
  public void close() {
    connection.close();
  }
}
