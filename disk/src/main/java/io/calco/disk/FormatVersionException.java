package io.calco.disk;

/// A version of a format that Calco does not know.
public final class FormatVersionException extends DiskException {
  private static final long serialVersionUID = 1L;

  /// A failure with its one-line message.
  public FormatVersionException(String message) {
    super(message);
  }
}
