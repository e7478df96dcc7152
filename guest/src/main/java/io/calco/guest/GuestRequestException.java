package io.calco.guest;

import java.io.IOException;

/// What was asked for does not fit this guest; the message is complete for a user.
public class GuestRequestException extends IOException {
  private static final long serialVersionUID = 1L;

  /// A failure with its one-line message.
  public GuestRequestException(String message) {
    super(message);
  }
}
