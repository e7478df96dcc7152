package io.calco.engine;

import io.calco.catalog.CatalogException;
import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskInUseException;
import io.calco.disk.FormatVersionException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.OpenDeniedException;
import io.calco.disk.PassphraseException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.guest.EncryptedGuestException;
import io.calco.guest.GuestRequestException;
import io.calco.machine.libvirt.LibvirtException;
import io.calco.store.AppendOnlyException;
import io.calco.store.StoreBusyException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/// What a front end tells its user: one line that is complete, a kind, and perhaps what to do.
public final class OperationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// Why an operation was not done.
  public enum Kind {
    /// It was asked for in a way that cannot be meant.
    USAGE,
    /// A thing that was named is not there.
    NOT_FOUND,
    /// It would harm something, or its name is taken.
    REFUSED,
    /// Content contradicts its specification.
    CORRUPT,
    /// A file may not be opened: by policy, or by the system's permissions.
    DENIED,
    /// It is valid but not handled.
    UNSUPPORTED,
    /// It would go beyond what somebody may have.
    LIMIT,
    /// It cannot be done just now, because of others who are at it; later it can.
    BUSY,
    /// The system failed: a read, a write, no space.
    SYSTEM,
    /// The user stopped it.
    CANCELLED,
    /// Our own fault.
    INTERNAL
  }

  private static final String PASSPHRASE_HINT = "give the passphrase with --passphrase-file FILE";

  private final Kind kind;
  private final String hint;

  /// A failure.
  public OperationException(Kind kind, String message) {
    this(kind, message, "", null);
  }

  /// A failure, and what to do about it.
  public OperationException(Kind kind, String message, String hint) {
    this(kind, message, hint, null);
  }

  private OperationException(
      Kind kind, String message, String hint, @org.jspecify.annotations.Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.hint = hint;
  }

  /// A guest that stays closed for want of a passphrase.
  public static OperationException encrypted(Path disk, EncryptedGuestException e) {
    return new OperationException(Kind.DENIED, disk + ": " + e.getMessage(), PASSPHRASE_HINT, e);
  }

  /// Why.
  public Kind kind() {
    return kind;
  }

  /// What to do about it.
  public Optional<String> hint() {
    return hint.isEmpty() ? Optional.empty() : Optional.of(hint);
  }

  /// Any failure of the rooms below, as a front end tells it.
  public static OperationException of(Throwable failure) {
    return switch (failure) {
      case OperationException e -> e;
      case PassphraseException e ->
          new OperationException(Kind.DENIED, String.valueOf(e.getMessage()), PASSPHRASE_HINT, e);
      case EncryptedGuestException e ->
          new OperationException(Kind.DENIED, String.valueOf(e.getMessage()), PASSPHRASE_HINT, e);
      case CorruptImageException e -> wrap(Kind.CORRUPT, e);
      case LimitExceededException e -> wrap(Kind.CORRUPT, e);
      case OpenDeniedException e -> wrap(Kind.DENIED, e);
      case UnsupportedFeatureException e -> wrap(Kind.UNSUPPORTED, e);
      case FormatVersionException e -> wrap(Kind.UNSUPPORTED, e);
      case DiskInUseException e -> inUse(e);
      case GuestRequestException e -> wrap(Kind.REFUSED, e);
      case CatalogException.InvalidName e -> wrap(Kind.USAGE, e);
      case CatalogException.Taken e -> wrap(Kind.REFUSED, e);
      case CatalogException.InUse e -> wrap(Kind.REFUSED, e);
      case CatalogException.Gone e -> wrap(Kind.NOT_FOUND, e);
      case CatalogException.Newer e -> wrap(Kind.UNSUPPORTED, e);
      case CatalogException.Unusable e -> wrap(Kind.CORRUPT, e);
      case AppendOnlyException e ->
          new OperationException(
              Kind.REFUSED, String.valueOf(e.getMessage()), "see calco repo set --help", e);
      case StoreBusyException e -> wrap(Kind.BUSY, e);
      case LibvirtException e -> wrap(kindOf(e), e);
      case FileSystemException e -> ofFile(e);
      case IOException e -> wrap(Kind.SYSTEM, e);
      case CancellationException e -> new OperationException(Kind.CANCELLED, "stopped", "", e);
      case OutOfMemoryError e ->
          new OperationException(
              Kind.INTERNAL, "out of memory", "give it more with CALCO_JAVA_OPTS=-Xmx512m", e);
      case Throwable e ->
          new OperationException(
              Kind.INTERNAL, "internal fault: " + e, "run again with --verbose and report it", e);
    };
  }

  private static OperationException inUse(DiskInUseException e) {
    String hint = e.machine().map("shut down machine %s first"::formatted).orElse("");
    return new OperationException(Kind.REFUSED, String.valueOf(e.getMessage()), hint, e);
  }

  private static Kind kindOf(LibvirtException e) {
    return switch (e.reason()) {
      case NOT_FOUND -> Kind.NOT_FOUND;
      case REFUSED -> Kind.REFUSED;
      case DENIED -> Kind.DENIED;
      case UNSUPPORTED -> Kind.UNSUPPORTED;
      case FAILED -> Kind.SYSTEM;
    };
  }

  private static OperationException ofFile(FileSystemException e) {
    String file = String.valueOf(e.getFile());
    String reason = e.getReason() == null ? "" : e.getReason();
    return switch (e) {
      case NoSuchFileException missing ->
          new OperationException(
              Kind.NOT_FOUND, file + ": " + (reason.isEmpty() ? "no such file" : reason), "", e);
      case AccessDeniedException denied ->
          new OperationException(
              Kind.DENIED, file + ": " + (reason.isEmpty() ? "permission denied" : reason), "", e);
      case FileAlreadyExistsException there ->
          new OperationException(Kind.REFUSED, file + ": exists already", "", e);
      default ->
          new OperationException(
              Kind.SYSTEM, file + ": " + (reason.isEmpty() ? "cannot be used" : reason), "", e);
    };
  }

  private static OperationException wrap(Kind kind, Exception e) {
    String message = e.getMessage();
    return new OperationException(kind, message == null ? e.toString() : message, "", e);
  }
}
