package io.calco.fs.ntfs;

import io.calco.disk.LimitExceededException;
import java.io.IOException;

/// Nothing free is left; what changes not yet written have freed may be, once they are.
final class NoSpaceException extends IOException {
  private static final long serialVersionUID = 1L;

  NoSpaceException(String message) {
    super(message);
  }

  /// The same for the caller: nothing will be free.
  LimitExceededException asLimit() {
    return new LimitExceededException(String.valueOf(getMessage()));
  }
}
