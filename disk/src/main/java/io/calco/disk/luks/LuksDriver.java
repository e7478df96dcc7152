package io.calco.disk.luks;

import io.calco.disk.BackingReference;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.FormatInfo;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.InPlaceImage;
import io.calco.disk.JobContext;
import io.calco.disk.Mapping;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.disk.PassphraseSlots;
import io.calco.disk.RepairScope;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.VerifyReport;
import io.calco.disk.ZeroMode;
import io.calco.disk.crypt.EncryptedFile;
import io.calco.disk.crypt.SectorEncryption;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An open volume in a file: the guest's bytes follow the header, sector by sector.
final class LuksDriver extends InPlaceImage {
  private static final int SECTOR = SectorEncryption.SECTOR;

  private final LuksVolume volume;
  private final @Nullable SectorEncryption encryption;
  private final @Nullable EncryptedFile clear;
  private long size;

  LuksDriver(HostFile file, LuksVolume volume, FormatOpenOptions options) throws IOException {
    super(file, options.writable());
    this.volume = volume;
    this.size = Math.ceilDiv(file.size() - volume.payloadOffset(), SECTOR) * SECTOR;
    Optional<Passphrase> passphrase = options.passphrase();
    this.encryption = passphrase.isPresent() ? volume.unlock(passphrase.get()) : null;
    this.clear =
        encryption == null
            ? null
            : new EncryptedFile(file, encryption).shifted(-volume.payloadOffset());
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public DiskCapabilities capabilities() {
    return new DiskCapabilities(writable, false, false, false, writable);
  }

  private EncryptedFile unlocked() throws PassphraseException {
    if (clear == null) {
      throw PassphraseException.missing(file.name());
    }
    return clear;
  }

  @Override
  public Mapping map(long offset, long maxLength) throws IOException {
    return new Mapping.Data(unlocked(), volume.payloadOffset() + offset, maxLength, true);
  }

  @Override
  public void beginWrites() throws IOException {
    unlocked();
  }

  /// Zeroes are written like all else.
  @Override
  public long zero(long offset, long length, ZeroMode mode) {
    return 0;
  }

  @Override
  public void discard(long offset, long length) {}

  @Override
  public void resize(long newSize) throws IOException {
    if (newSize % SECTOR != 0) {
      throw new UnsupportedFeatureException(
          "%s: size %d: must be a multiple of 512".formatted(file.name(), newSize));
    }
    file.truncate(Math.addExact(volume.payloadOffset(), newSize));
    size = newSize;
  }

  @Override
  public void close() throws IOException {
    if (encryption != null) {
      encryption.close();
    }
    super.close();
  }

  @Override
  public FormatInfo info() {
    return new FormatInfo(
        Optional.empty(), Optional.empty(), false, false, true, false, List.of(), volume.facts());
  }

  /// The header was judged whole when it was read; there is no other metadata.
  @Override
  public VerifyReport verify(JobContext job) throws IOException {
    return new VerifyReport(0, 0, 0, 0, 0, file.size(), 0, 0, 0, 0, List.of());
  }

  @Override
  public VerifyReport repair(RepairScope what, JobContext job) throws IOException {
    return verify(job);
  }

  @Override
  public void changeBacking(Optional<BackingReference> backing) throws IOException {
    throw new UnsupportedFeatureException(
        file.name() + ": luks images cannot have a backing image; use qcow2");
  }

  @Override
  public Optional<PassphraseSlots> passphraseSlots() {
    return Optional.of(volume.passphraseSlots());
  }
}
