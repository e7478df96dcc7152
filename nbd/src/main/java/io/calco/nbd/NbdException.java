package io.calco.nbd;

import java.io.IOException;

/// A server said no.
final class NbdException extends IOException {
  private static final long serialVersionUID = 1;

  NbdException(String message) {
    super(message);
  }

  /// @param error the protocol's number
  /// @param said the server's words; may be empty
  static NbdException of(String what, int error, String said) {
    String meaning =
        switch (error) {
          case Nbd.EPERM -> "it is not permitted";
          case Nbd.EIO -> "input/output error";
          case Nbd.ENOMEM -> "the server has no memory for it";
          case Nbd.EINVAL -> "the server says that it cannot be asked";
          case Nbd.ENOSPC -> "No space left on device";
          case Nbd.EOVERFLOW -> "the server says that it is too much";
          case Nbd.ENOTSUP -> "the server cannot do it";
          case Nbd.ESHUTDOWN -> "the server is ending";
          default -> "error " + Integer.toUnsignedString(error);
        };
    return new NbdException(what + ": " + meaning + (said.isEmpty() ? "" : " (" + said + ")"));
  }
}
