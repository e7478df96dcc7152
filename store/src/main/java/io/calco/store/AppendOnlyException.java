package io.calco.store;

import java.io.IOException;

/// Something was to be taken from a store that only grows; nothing was.
public final class AppendOnlyException extends IOException {
  private static final long serialVersionUID = 1L;

  AppendOnlyException(String place) {
    super(place + ": is append-only: nothing is taken from it");
  }
}
