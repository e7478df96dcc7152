package io.calco.disk;

/// An encrypted image that was opened without its passphrase, or with another one.
public final class PassphraseException extends DiskException {
  private static final long serialVersionUID = 1L;

  private PassphraseException(String message) {
    super(message);
  }

  /// No passphrase was given.
  public static PassphraseException missing(String file) {
    return new PassphraseException(file + ": is encrypted; its passphrase is needed");
  }

  /// The passphrase opens nothing.
  public static PassphraseException wrong(String file) {
    return new PassphraseException(file + ": the passphrase does not open it");
  }
}
