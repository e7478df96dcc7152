package io.calco.disk;

import java.io.IOException;

/// A failure whose message is complete for a user: what, which file, which structure, where, found,
/// expected.
public sealed class DiskException extends IOException
    permits CorruptImageException,
        UnsupportedFeatureException,
        FormatVersionException,
        OpenDeniedException,
        LimitExceededException,
        DiskInUseException,
        PassphraseException {
  private static final long serialVersionUID = 1L;

  /// A failure with its one-line message.
  protected DiskException(String message) {
    super(message);
  }

  /// A failure with its one-line message and what led to it.
  protected DiskException(String message, Throwable cause) {
    super(message, cause);
  }
}
