package io.calco.backup.layout;

import java.io.IOException;

/// The partitions do not fit the target; the message says what would do.
public final class TooSmallException extends IOException {
  private static final long serialVersionUID = 1L;

  private final long needed;

  TooSmallException(String message, long needed) {
    super(message);
    this.needed = needed;
  }

  /// The least size that would do, in bytes.
  public long needed() {
    return needed;
  }
}
