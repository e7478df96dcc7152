package io.calco.disk;

/// A number in an image is beyond a limit, the specification's or ours; the message says which.
public final class LimitExceededException extends DiskException {
  private static final long serialVersionUID = 1L;

  /// A failure with its one-line message.
  public LimitExceededException(String message) {
    super(message);
  }
}
