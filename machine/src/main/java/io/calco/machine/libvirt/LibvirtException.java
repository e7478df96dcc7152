package io.calco.machine.libvirt;

import java.io.IOException;
import java.net.ProtocolException;

/// libvirt refused, or failed, and says why.
public final class LibvirtException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int code;
  private final int domain;

  /// What libvirt says (`virError`).
  ///
  /// @param code why (`virErrorNumber`)
  /// @param domain which part of libvirt (`virErrorDomain`)
  /// @param message one line, in libvirt's words
  public LibvirtException(int code, int domain, String message) {
    super("libvirt: " + message.strip().replaceAll("\\s*\n\\s*", "; "));
    this.code = code;
    this.domain = domain;
  }

  /// Why, as far as it makes a difference to a caller.
  public enum Reason {
    /// There is no such machine, pool, volume, network, checkpoint or backup.
    NOT_FOUND,
    /// It cannot be done in the state that things are in, or a name is taken.
    REFUSED,
    /// This user may not.
    DENIED,
    /// This libvirt cannot do it.
    UNSUPPORTED,
    /// All else.
    FAILED
  }

  /// Reads a `virNetMessageError`, what follows the message left out.
  static LibvirtException read(XdrReader reader) throws ProtocolException {
    int code = reader.readInt();
    int domain = reader.readInt();
    return new LibvirtException(
        code, domain, reader.readOptionalString().orElse("no reason given, error " + code));
  }

  /// Why.
  public Reason reason() {
    return switch (code) {
      case 42, 43, 49, 50, 103, 104 ->
          Reason.NOT_FOUND; // NO_DOMAIN NETWORK STORAGE_POOL STORAGE_VOL CHECKPOINT BACKUP
      case 9, 28, 29, 55, 87 ->
          Reason.REFUSED; // OPERATION_FAILED DOM_EXIST OPERATION_DENIED _INVALID RESOURCE_BUSY
      case 45, 79, 88, 94 -> Reason.DENIED; // AUTH_FAILED _CANCELLED ACCESS_DENIED AUTH_UNAVAILABLE
      case 3, 67, 74 -> Reason.UNSUPPORTED; // NO_SUPPORT CONFIG_UNSUPPORTED ARGUMENT_UNSUPPORTED
      default -> Reason.FAILED;
    };
  }

  /// The number of the reason (`virErrorNumber`).
  public int code() {
    return code;
  }

  /// The number of the part of libvirt that it comes from (`virErrorDomain`).
  public int domain() {
    return domain;
  }
}
