package io.calco.disk;

/// Somebody else has the file open for writing or holds a lock on it.
public final class DiskInUseException extends DiskException {
  private static final long serialVersionUID = 1L;

  /// A failure with its one-line message.
  public DiskInUseException(String message) {
    super(message);
  }
}
