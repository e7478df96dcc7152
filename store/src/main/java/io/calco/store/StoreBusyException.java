package io.calco.store;

import java.io.IOException;

/// Another collection or repair of the store is running; nothing was done.
public final class StoreBusyException extends IOException {
  private static final long serialVersionUID = 1L;

  StoreBusyException(String message) {
    super(message);
  }
}
