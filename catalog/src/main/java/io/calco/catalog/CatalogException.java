package io.calco.catalog;

import java.io.IOException;
import java.util.List;

/// The catalogue cannot be used, or a change would break its rules. The message is one line for a
/// user; what was to be changed is unchanged.
public sealed class CatalogException extends IOException {
  private static final long serialVersionUID = 1L;

  private CatalogException(String message) {
    super(message);
  }

  private CatalogException(String message, Throwable cause) {
    super(message, cause);
  }

  /// The database's file system is full.
  public static final class Full extends CatalogException {
    private static final long serialVersionUID = 1L;

    Full(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /// The database cannot be opened, read or written: damaged, no catalogue, not permitted.
  public static final class Unusable extends CatalogException {
    private static final long serialVersionUID = 1L;

    Unusable(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /// The database was written by a newer Calco.
  public static final class Newer extends CatalogException {
    private static final long serialVersionUID = 1L;

    Newer(String message) {
      super(message);
    }
  }

  /// Another process kept the database locked for longer than we wait.
  public static final class Busy extends CatalogException {
    private static final long serialVersionUID = 1L;

    Busy(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /// A name, version or disk is another's already.
  public static final class Taken extends CatalogException {
    private static final long serialVersionUID = 1L;

    Taken(String message) {
      super(message);
    }

    Taken(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /// What was to be changed is not there any more.
  public static final class Gone extends CatalogException {
    private static final long serialVersionUID = 1L;

    Gone(String message) {
      super(message);
    }
  }

  /// Linked clones rest on what was to be deleted.
  public static final class InUse extends CatalogException {
    private static final long serialVersionUID = 1L;

    private final List<String> clones;

    InUse(String message, List<String> clones) {
      super(message);
      this.clones = List.copyOf(clones);
    }

    /// The clones' names, ascending.
    public List<String> clones() {
      return clones;
    }
  }

  /// A text is no [Name].
  public static final class InvalidName extends CatalogException {
    private static final long serialVersionUID = 1L;

    InvalidName(String message) {
      super(message);
    }
  }
}
