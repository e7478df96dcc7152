package io.calco.volume.luks;

import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.crypt.SectorEncryption;
import io.calco.disk.luks.AntiForensic;
import io.calco.disk.luks.CipherSpec;
import io.calco.disk.luks.LuksHash;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// A keyslot of a version 2 volume: the master key under a passphrase.
///
/// @param keyLength bytes of the master key
/// @param splitHash of the anti-forensic splitter
/// @param cipher of the area
/// @param areaOffset where the key material lies, in bytes from the volume's start
/// @param areaSize bytes set aside for it
/// @param derivation from the passphrase to the area's key
record Keyslot(
    int keyLength,
    LuksHash splitHash,
    CipherSpec cipher,
    long areaOffset,
    long areaSize,
    KeyDerivation derivation) {
  /// Ours: bytes of a master key.
  static final int KEY_MAX = 512;

  /// Ours: milliseconds on a plain machine that one slot may ask for.
  static final long EFFORT_MAX = 60_000;

  /// Reads and judges a keyslot.
  ///
  /// @param areas where key material may begin
  /// @param areasEnd where it must have ended, at most the end of the file
  /// @throws DiskException when it cannot be used
  static Keyslot read(JsonFields fields, long areas, long areasEnd) throws DiskException {
    int keyLength = fields.number("key_size", 1, KEY_MAX);
    JsonFields split = fields.object("af");
    refuseOther(split, "type", "luks1");
    split.number("stripes", Luks2Layout.STRIPES, Luks2Layout.STRIPES);
    JsonFields area = fields.object("area");
    refuseOther(area, "type", "raw");
    CipherSpec cipher = cipher(area, area.number("key_size", 1, KEY_MAX));
    Keyslot slot =
        new Keyslot(
            keyLength,
            hash(split, "hash"),
            cipher,
            area.size("offset"),
            area.size("size"),
            KeyDerivation.read(fields.object("kdf")));
    if (slot.areaOffset < areas
        || slot.areaOffset > areasEnd
        || slot.areaSize > areasEnd - slot.areaOffset
        || slot.areaSize < materialLength(keyLength)) {
      throw new CorruptImageException(
          "%s: LUKS2 %s: found %d bytes at 0x%x, expected %d or more from 0x%x to 0x%x"
              .formatted(
                  area.file(),
                  area.path(),
                  slot.areaSize,
                  slot.areaOffset,
                  materialLength(keyLength),
                  areas,
                  areasEnd));
    }
    long effort = slot.derivation.effort(cipher.keyLength());
    if (effort > EFFORT_MAX) {
      throw new LimitExceededException(
          "%s: LUKS2 %s: a try of a passphrase would take about %d s (%s); at most %d s are allowed"
              .formatted(
                  fields.file(),
                  fields.path(),
                  effort / 1000,
                  slot.derivation.describe(),
                  EFFORT_MAX / 1000));
    }
    return slot;
  }

  private static void refuseOther(JsonFields fields, String name, String known)
      throws DiskException {
    String found = fields.text(name);
    if (!found.equals(known)) {
      throw new UnsupportedFeatureException(
          "%s: LUKS2 %s is \"%s\", which is not supported"
              .formatted(fields.file(), fields.path(), JsonFields.printable(found)));
    }
  }

  static LuksHash hash(JsonFields fields, String name)
      throws CorruptImageException, UnsupportedFeatureException {
    String label = fields.text(name);
    return LuksHash.find(label)
        .orElseThrow(() ->
            new UnsupportedFeatureException(
                "%s: LUKS2 %s uses the hash %s, which is not supported"
                    .formatted(fields.file(), fields.path(), JsonFields.printable(label))));
  }

  /// The cipher in `encryption`, for a key of that many bytes.
  static CipherSpec cipher(JsonFields fields, int keyLength)
      throws CorruptImageException, UnsupportedFeatureException {
    String label = fields.text("encryption");
    String[] parts = label.split("-", 2);
    Optional<CipherSpec> cipher =
        parts.length == 2 ? CipherSpec.find(parts[0], parts[1], keyLength) : Optional.empty();
    return cipher.orElseThrow(() ->
        new UnsupportedFeatureException(
            "%s: LUKS2 %s is encrypted by %s with a key of %d bytes, which is not supported"
                .formatted(fields.file(), fields.path(), JsonFields.printable(label), keyLength)));
  }

  /// Bytes of split key, in whole sectors.
  static int materialLength(int keyLength) {
    int sector = SectorEncryption.SECTOR;
    return Math.ceilDiv(keyLength * Luks2Layout.STRIPES, sector) * sector;
  }

  /// What the slot holds if the passphrase is its own, else noise; the caller wipes it.
  byte[] open(HostFile file, byte[] passphrase) throws IOException {
    byte[] material = new byte[materialLength(keyLength)];
    file.read(areaOffset, MemorySegment.ofArray(material));
    byte[] areaKey = derivation.derive(passphrase, cipher.keyLength());
    try (SectorEncryption encryption = cipher.with(areaKey)) {
      encryption.decrypt(MemorySegment.ofArray(material), 0);
    }
    byte[] key = AntiForensic.merge(material, keyLength, Luks2Layout.STRIPES, splitHash);
    Arrays.fill(areaKey, (byte) 0);
    Arrays.fill(material, (byte) 0);
    return key;
  }

  /// Writes the key material; the slot means nothing until the header names it.
  void seal(HostFile file, byte[] key, byte[] passphrase) throws IOException {
    byte[] material = new byte[materialLength(keyLength)];
    AntiForensic.split(key, material, Luks2Layout.STRIPES, splitHash, new SecureRandom());
    byte[] areaKey = derivation.derive(passphrase, cipher.keyLength());
    MemorySegment bytes = MemorySegment.ofArray(material);
    try (SectorEncryption encryption = cipher.with(areaKey)) {
      encryption.encrypt(bytes, bytes, 0);
    }
    Arrays.fill(areaKey, (byte) 0);
    file.write(areaOffset, bytes);
  }

  /// The same slot elsewhere, by another derivation.
  Keyslot with(long offset, long size, KeyDerivation other) {
    return new Keyslot(keyLength, splitHash, cipher, offset, size, other);
  }

  /// As the metadata has it.
  ObjectNode encode() {
    ObjectNode slot = Luks2Json.object().put("type", "luks2").put("key_size", keyLength);
    slot.putObject("af")
        .put("type", "luks1")
        .put("stripes", Luks2Layout.STRIPES)
        .put("hash", splitHash.label());
    slot.putObject("area")
        .put("type", "raw")
        .put("offset", Long.toString(areaOffset))
        .put("size", Long.toString(areaSize))
        .put("encryption", cipher.cipherName() + "-" + cipher.cipherMode())
        .put("key_size", cipher.keyLength());
    slot.set("kdf", derivation.encode());
    return slot;
  }
}
