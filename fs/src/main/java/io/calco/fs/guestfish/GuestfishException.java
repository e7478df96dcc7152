package io.calco.fs.guestfish;

import java.io.IOException;

/// A command that libguestfs could not do, in its words.
final class GuestfishException extends IOException {
  private static final long serialVersionUID = 1L;

  GuestfishException(String message) {
    super(message);
  }

  /// True when that is the system's error.
  boolean says(String systemError) {
    return String.valueOf(getMessage()).contains(systemError);
  }
}
