package io.calco.engine.upload;

import java.io.IOException;

/// A part that came is not the one that was sent; nothing of it was kept.
public final class WrongChecksumException extends IOException {
  private static final long serialVersionUID = 1L;

  WrongChecksumException() {
    super("The part that came has another checksum than was stated; it was not kept.");
  }
}
