package io.calco.ssh;

import java.nio.file.FileSystemException;

/// A server that cannot be reached, or does not answer in time: it may at the next attempt.
public final class SshUnreachableException extends FileSystemException {
  private static final long serialVersionUID = 1L;

  /// @param reason what happened, in a few words
  SshUnreachableException(SshServer server, String reason, Throwable cause) {
    super(server.toString(), null, reason);
    initCause(cause);
  }
}
