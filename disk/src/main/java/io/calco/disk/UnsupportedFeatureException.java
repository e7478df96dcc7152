package io.calco.disk;

/// A valid thing that Calco does not handle; the message names it.
public final class UnsupportedFeatureException extends DiskException {
  private static final long serialVersionUID = 1L;

  /// A failure with its one-line message.
  public UnsupportedFeatureException(String message) {
    super(message);
  }
}
