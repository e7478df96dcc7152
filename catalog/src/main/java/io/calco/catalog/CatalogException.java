package io.calco.catalog;

import java.io.IOException;

/// The catalogue cannot be used, or a change would break its rules; the message is one line for a
/// user.
public class CatalogException extends IOException {
  private static final long serialVersionUID = 1L;

  /// A failure.
  public CatalogException(String message, Throwable cause) {
    super(message, cause);
  }

  /// A failure.
  public CatalogException(String message) {
    super(message);
  }

  /// A name or disk is another's already.
  public static final class Taken extends CatalogException {
    private static final long serialVersionUID = 1L;

    /// A failure.
    public Taken(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /// Linked clones rest on what was to be deleted.
  public static final class InUse extends CatalogException {
    private static final long serialVersionUID = 1L;

    /// A failure.
    public InUse(String message) {
      super(message);
    }
  }
}
