package io.calco.store.backend;

import java.nio.file.FileSystemException;

/// A failure that may be over when the call is made again: a connection that was cut, a server that
/// did not answer in time or said that it is busy. Any other failure would be the same again.
public final class TransientBackendException extends FileSystemException {
  private static final long serialVersionUID = 1L;

  /// A failure.
  ///
  /// @param where the place, or an object in it
  /// @param reason what happened, in a few words
  public TransientBackendException(String where, String reason, Throwable cause) {
    super(where, null, reason);
    initCause(cause);
  }

  /// A failure that has no cause but what the other side said.
  public TransientBackendException(String where, String reason) {
    super(where, null, reason);
  }
}
