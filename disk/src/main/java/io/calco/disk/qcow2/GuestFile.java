package io.calco.disk.qcow2;

import io.calco.disk.HostFile;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.disk.PassphraseSlots;
import io.calco.disk.crypt.EncryptedFile;
import io.calco.disk.crypt.SectorEncryption;
import io.calco.disk.luks.LuksVolume;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The file that guest bytes lie in, in the clear. Thread rule: safe for several threads at once.
///
/// Under LUKS sectors are numbered where they lie in the file; under the old AES method, where the
/// guest sees them, so that each run has a view of its own.
final class GuestFile implements AutoCloseable {
  private final HostFile file;
  private final boolean encrypted;
  private final boolean numberedByGuest;
  private final @Nullable LuksVolume volume;
  private final @Nullable SectorEncryption encryption;
  private final @Nullable EncryptedFile clear;
  private final @Nullable DataFile external;
  private volatile long end = -1;

  private GuestFile(
      HostFile file,
      int cryptMethod,
      @Nullable LuksVolume volume,
      @Nullable SectorEncryption encryption,
      @Nullable DataFile external) {
    this.file = file;
    this.external = external;
    this.volume = volume;
    this.encrypted = cryptMethod != Qcow2Layout.CRYPT_NONE;
    this.numberedByGuest = cryptMethod == Qcow2Layout.CRYPT_AES;
    this.encryption = encryption;
    this.clear = encryption == null ? null : new EncryptedFile(file, encryption);
  }

  /// Guest bytes that are not encrypted.
  static GuestFile plain(HostFile file) {
    return new GuestFile(file, Qcow2Layout.CRYPT_NONE, null, null, null);
  }

  /// Guest bytes that lie in another file.
  static GuestFile external(HostFile image, DataFile external) {
    return new GuestFile(image, Qcow2Layout.CRYPT_NONE, null, null, external);
  }

  /// The file beside the image that guest bytes lie in, or null.
  @Nullable DataFile external() {
    return external;
  }

  /// Guest bytes as the header says they are encrypted; without a passphrase they stay locked.
  ///
  /// @param image the file with the header
  /// @throws PassphraseException when it is the wrong one; AES has nothing to tell by
  static GuestFile open(HostFile image, Qcow2Header header, Optional<Passphrase> passphrase)
      throws IOException {
    int method = header.cryptMethod();
    LuksVolume volume = null;
    SectorEncryption encryption = null;
    if (method == Qcow2Layout.CRYPT_LUKS) {
      volume = header.cryptoHeader().read(image);
      encryption = passphrase.isPresent() ? volume.unlock(passphrase.get()) : null;
    } else if (method == Qcow2Layout.CRYPT_AES) {
      encryption = passphrase.map(SectorEncryption::ofQcow).orElse(null);
    }
    return new GuestFile(image, method, volume, encryption, null);
  }

  /// Before guest bytes are read or written.
  ///
  /// @throws PassphraseException when they are locked
  /// @throws io.calco.disk.OpenDeniedException when they lie in a file that may not be opened
  void checkUnlocked() throws IOException {
    if (external != null) {
      external.open();
    }
    if (encrypted && clear == null) {
      throw PassphraseException.missing(file.name());
    }
  }

  /// The file for a run that begins at these offsets; unlocked.
  HostFile at(long guestOffset, long hostOffset) {
    if (external != null) {
      return external.file();
    }
    if (clear == null) {
      return file;
    }
    return numberedByGuest ? clear.shifted(guestOffset - hostOffset) : clear;
  }

  /// Where guest bytes must begin before: the end of a file that nobody writes.
  long end() throws IOException {
    if (end < 0) {
      end = external != null || file.writable() ? Long.MAX_VALUE : file.size();
    }
    return end;
  }

  /// Waits for the medium: for guest bytes, and for the image.
  void sync() throws IOException {
    if (external != null) {
      external.sync();
    }
    file.sync();
  }

  /// The passphrases of LUKS.
  Optional<PassphraseSlots> passphraseSlots() {
    return Optional.ofNullable(volume).map(LuksVolume::passphraseSlots);
  }

  /// Forgets the key and closes the data file; the image stays open.
  @Override
  public void close() throws IOException {
    if (external != null) {
      external.close();
    }
    if (encryption != null) {
      encryption.close();
    }
  }
}
