package io.calco.store.smb;

import com.hierynomus.mserref.NtStatus;
import com.hierynomus.mssmb2.SMB2Dialect;
import com.hierynomus.mssmb2.SMBApiException;
import com.hierynomus.smbj.SMBClient;
import com.hierynomus.smbj.SmbConfig;
import com.hierynomus.smbj.auth.AuthenticationContext;
import com.hierynomus.smbj.common.SMBRuntimeException;
import com.hierynomus.smbj.connection.Connection;
import com.hierynomus.smbj.session.Session;
import com.hierynomus.smbj.share.DiskShare;
import io.calco.store.backend.ServerText;
import io.calco.store.backend.TransientBackendException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A connection to a share, made when it is needed and made again when it was lost. Signed always,
/// encrypted where the server can.
///
/// Thread rule: safe for several threads at once.
final class ShareConnection implements AutoCloseable {
  private static final int BUFFER = 1 << 20;

  private final SmbPlace place;
  private final AuthenticationContext credentials;
  private final SMBClient client;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Connection connection;
  private @Nullable DiskShare share;
  private boolean closed;

  /// @param patience how long an answer may take
  ShareConnection(SmbPlace place, Duration patience) throws IOException {
    this.place = place;
    this.credentials = Credentials.of(place);
    this.client =
        new SMBClient(
            SmbConfig.builder()
                .withDialects(
                    SMB2Dialect.SMB_3_1_1,
                    SMB2Dialect.SMB_3_0_2,
                    SMB2Dialect.SMB_3_0,
                    SMB2Dialect.SMB_2_1)
                .withSigningRequired(true)
                .withEncryptData(true)
                .withSecurityProvider(new Ciphers())
                .withBufferSize(BUFFER)
                .withTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .build());
  }

  /// What is done on the share.
  interface Work<T> {
    T run(DiskShare share) throws IOException;
  }

  /// Does something on the share.
  ///
  /// @param where the object or place that it is about, for messages
  /// @throws TransientBackendException when the connection failed
  /// @throws FileSystemException when the server refuses; of its kind where the server says so
  <T> T with(String where, Work<T> work) throws IOException {
    DiskShare live = share();
    try {
      return work.run(live);
    } catch (SMBApiException e) {
      throw refused(where, e);
    } catch (SMBRuntimeException e) {
      drop(live);
      throw new TransientBackendException(where, "the connection failed: " + rootOf(e), e);
    }
  }

  private DiskShare share() throws IOException {
    lock.lock();
    try {
      if (closed) {
        throw new IOException(place + ": closed");
      }
      DiskShare live = share;
      if (live == null || connection == null || !connection.isConnected()) {
        live = connect();
        share = live;
      }
      return live;
    } finally {
      lock.unlock();
    }
  }

  private DiskShare connect() throws IOException {
    Connection made = null;
    try {
      made = client.connect(place.host(), place.port());
      Session session = made.authenticate(credentials);
      if (session.isGuest() || session.isAnonymous()) {
        throw new AccessDeniedException(
            place.shareAddress(), null, "the server knows the user as a guest only");
      }
      if (!(session.connectShare(place.share()) instanceof DiskShare disk)) {
        throw new FileSystemException(place.shareAddress(), null, "it is no share of files");
      }
      connection = made;
      return disk;
    } catch (SMBApiException e) {
      end(made);
      throw refused(place.shareAddress(), e);
    } catch (FileSystemException e) {
      end(made);
      throw e;
    } catch (IOException | SMBRuntimeException e) {
      end(made);
      throw new TransientBackendException(
          place.shareAddress(), "cannot be reached: " + rootOf(e), e);
    }
  }

  private static void end(@Nullable Connection made) {
    if (made != null) {
      try {
        made.close(true);
      } catch (IOException | SMBRuntimeException gone) {
        // It is of no use in any case.
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // this one, and not another of the same name
  private void drop(DiskShare dead) {
    lock.lock();
    try {
      if (share == dead) {
        share = null;
        end(connection);
        connection = null;
      }
    } finally {
      lock.unlock();
    }
  }

  private static String rootOf(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return switch (root) {
      case java.util.concurrent.TimeoutException late -> "no answer in time";
      case java.net.UnknownHostException unknown -> "there is no address of that name";
      default -> ServerText.line(root.getMessage());
    };
  }

  private static IOException refused(String where, SMBApiException e) {
    NtStatus status = e.getStatus();
    String reason = "the server refuses it: " + status;
    return switch (status) {
      case STATUS_OBJECT_NAME_NOT_FOUND,
          STATUS_OBJECT_PATH_NOT_FOUND,
          STATUS_NO_SUCH_FILE,
          STATUS_FILE_IS_A_DIRECTORY,
          STATUS_DELETE_PENDING ->
          new NoSuchFileException(where);
      case STATUS_BAD_NETWORK_NAME ->
          new NoSuchFileException(where, null, "there is no such share");
      case STATUS_DISK_FULL -> new FileSystemException(where, null, "No space left on device");
      case STATUS_LOGON_FAILURE ->
          new AccessDeniedException(where, null, "the server refuses the login");
      case STATUS_ACCESS_DENIED, STATUS_ACCOUNT_DISABLED ->
          new AccessDeniedException(where, null, reason);
      case STATUS_SHARING_VIOLATION,
          STATUS_IO_TIMEOUT,
          STATUS_NETWORK_NAME_DELETED,
          STATUS_USER_SESSION_DELETED,
          STATUS_NETWORK_SESSION_EXPIRED ->
          new TransientBackendException(where, reason, e);
      default -> new FileSystemException(where, null, reason);
    };
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      end(connection);
      client.close();
    } finally {
      lock.unlock();
    }
  }
}
