package io.calco.disk;

/// An image refers to a file that the [OpenPolicy] does not let it open; the message names the
/// reference and the option that widens the policy.
public final class OpenDeniedException extends DiskException {
  private static final long serialVersionUID = 1L;

  /// A failure with its one-line message.
  public OpenDeniedException(String message) {
    super(message);
  }
}
