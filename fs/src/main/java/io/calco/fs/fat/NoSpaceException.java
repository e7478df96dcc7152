package io.calco.fs.fat;

import io.calco.disk.LimitExceededException;
import java.io.IOException;

/// Too few clusters are free; more may be once what was freed is so on the disk.
final class NoSpaceException extends IOException {
  private static final long serialVersionUID = 1L;

  NoSpaceException(String message) {
    super(message);
  }

  /// The same for the caller: no more will be free.
  LimitExceededException asLimit() {
    return new LimitExceededException(String.valueOf(getMessage()));
  }
}
