package io.calco.disk.luks;

import io.calco.disk.Passphrase;
import io.calco.disk.crypt.SectorEncryption;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;

/// A master key under a passphrase: what a key slot holds.
///
/// @param rounds of PBKDF2
/// @param salt of PBKDF2
/// @param material the key material, encrypted
record SealedKey(int rounds, MemorySegment salt, MemorySegment material) {

  /// Seals `key` so that a try of the passphrase takes `time` on this machine.
  static SealedKey of(
      CipherSpec cipher, LuksHash hash, byte[] key, Passphrase passphrase, Duration time) {
    return of(cipher, hash, key, passphrase, Pbkdf2.roundsFor(hash, key.length, time));
  }

  /// Seals `key` by so many rounds of PBKDF2.
  static SealedKey of(
      CipherSpec cipher, LuksHash hash, byte[] key, Passphrase passphrase, int rounds) {
    SecureRandom random = new SecureRandom();
    byte[] salt = new byte[Luks1Layout.SALT_LENGTH];
    random.nextBytes(salt);
    byte[] secret = passphrase.bytes();
    byte[] slotKey = Pbkdf2.derive(hash, secret, salt, rounds, key.length);
    byte[] material = new byte[cipher.materialLength()];
    AntiForensic.split(key, material, Luks1Layout.STRIPES, hash, random);
    MemorySegment bytes = MemorySegment.ofArray(material);
    try (SectorEncryption encryption = cipher.with(slotKey)) {
      encryption.encrypt(bytes, bytes, 0);
    }
    Arrays.fill(secret, (byte) 0);
    Arrays.fill(slotKey, (byte) 0);
    return new SealedKey(rounds, MemorySegment.ofArray(salt), bytes);
  }
}
