package io.calco.disk.luks;

import io.calco.disk.crypt.IvScheme;
import io.calco.disk.crypt.SectorEncryption;
import java.util.Optional;

/// Cipher, mode and initial values, as a header or QEMU's options name them.
///
/// @param keyBits of AES: 128, 192 or 256
/// @param mode how blocks follow each other
/// @param iv how sectors differ
public record CipherSpec(int keyBits, SectorEncryption.Mode mode, IvScheme iv) {
  private static final String AES = "aes";

  /// The hash that ESSIV has here, and whose digests are AES keys.
  static final String ESSIV_HASH = "sha256";

  static Optional<SectorEncryption.Mode> findMode(String label) {
    for (SectorEncryption.Mode mode : SectorEncryption.Mode.values()) {
      if (mode.label().equals(label)) {
        return Optional.of(mode);
      }
    }
    return Optional.empty();
  }

  static Optional<IvScheme> findIv(String label) {
    for (IvScheme iv : IvScheme.values()) {
      if (iv.label().equals(label)) {
        return Optional.of(iv);
      }
    }
    return Optional.empty();
  }

  /// What a header's `cipher-name` and `cipher-mode` mean; empty when we do not have it.
  ///
  /// @param keyLength bytes of the master key
  public static Optional<CipherSpec> find(String cipherName, String cipherMode, long keyLength) {
    String[] parts = cipherMode.split("-", 2);
    Optional<SectorEncryption.Mode> mode = findMode(parts[0]);
    if (!cipherName.equals(AES) || parts.length < 2 || mode.isEmpty()) {
      return Optional.empty();
    }
    String essiv = IvScheme.ESSIV_SHA256.label();
    Optional<IvScheme> iv =
        parts[1].equals(essiv + ":" + ESSIV_HASH)
            ? Optional.of(IvScheme.ESSIV_SHA256)
            : findIv(parts[1]).filter(scheme -> scheme != IvScheme.ESSIV_SHA256);
    long bits = keyLength * 8 / mode.get().keys();
    boolean fits =
        keyLength % mode.get().keys() == 0 && (bits == 128 || bits == 192 || bits == 256);
    return fits
        ? iv.map(scheme -> new CipherSpec((int) bits, mode.get(), scheme))
        : Optional.empty();
  }

  /// As headers have it.
  public String cipherName() {
    return AES;
  }

  /// As headers have it: `xts-plain64`, `cbc-essiv:sha256` …
  public String cipherMode() {
    return mode.label() + "-" + iv.label() + (hasIvHash() ? ":" + ESSIV_HASH : "");
  }

  boolean hasIvHash() {
    return iv == IvScheme.ESSIV_SHA256;
  }

  /// As QEMU has it: `aes-256`.
  String algorithm() {
    return AES + "-" + keyBits;
  }

  /// Bytes of the master key.
  public int keyLength() {
    return keyBits / 8 * mode.keys();
  }

  /// Bytes of key material in a slot, rounded up to whole sectors.
  int materialLength() {
    int sector = SectorEncryption.SECTOR;
    return Math.ceilDiv(keyLength() * Luks1Layout.STRIPES, sector) * sector;
  }

  /// Where the key material of a slot lies in a new volume, in bytes from its start; after the last
  /// one, where the payload lies.
  long materialOffset(int slot) {
    int alignment = Luks1Layout.MATERIAL_ALIGNMENT;
    return (1 + slot * (long) Math.ceilDiv(materialLength(), alignment)) * alignment;
  }

  /// The cipher with a key, in sectors of 512 bytes.
  ///
  /// @param key copied; [#keyLength] bytes
  public SectorEncryption with(byte[] key) {
    return with(key, SectorEncryption.SECTOR);
  }

  /// The cipher with a key, in sectors of another size.
  ///
  /// @param key copied; [#keyLength] bytes
  /// @param sectorSize in bytes, a power of two, 512 to 4096
  public SectorEncryption with(byte[] key, int sectorSize) {
    return new SectorEncryption(mode, iv, key, sectorSize);
  }
}
