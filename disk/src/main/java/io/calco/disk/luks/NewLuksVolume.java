package io.calco.disk.luks;

import io.calco.disk.Passphrase;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/// A volume in the making: a random key, under one passphrase, laid out as QEMU does.
public final class NewLuksVolume {
  /// As cryptsetup and QEMU: the digest of the key takes an eighth of a slot's time.
  private static final int DIGEST_SHARE = 8;

  private NewLuksVolume() {}

  /// Everything before the payload: header and key material.
  ///
  /// Takes the time that the options ask for, or more while it is measured.
  ///
  /// @return as many bytes as [LuksVolume#payloadOffset]
  public static MemorySegment of(LuksOptions options, Passphrase passphrase) {
    SecureRandom random = new SecureRandom();
    CipherSpec cipher = options.cipher();
    LuksHash hash = options.hash();
    byte[] key = new byte[cipher.keyLength()];
    byte[] digestSalt = new byte[Luks1Layout.SALT_LENGTH];
    random.nextBytes(key);
    random.nextBytes(digestSalt);
    SealedKey sealed = SealedKey.of(cipher, hash, key, passphrase, options.iterTime());
    int blocks = Math.ceilDiv(cipher.keyLength(), hash.length());
    int digestRounds =
        Math.clamp(
            (long) sealed.rounds() * blocks / DIGEST_SHARE, Pbkdf2.ROUNDS_MIN, Pbkdf2.ROUNDS_MAX);
    byte[] digest = Pbkdf2.derive(hash, key, digestSalt, digestRounds, Luks1Layout.DIGEST_LENGTH);
    Arrays.fill(key, (byte) 0);
    List<KeySlot> slots = slots(cipher, sealed);
    Luks1Header header =
        new Luks1Header(
            cipher,
            hash,
            options.payloadOffset(),
            MemorySegment.ofArray(digest),
            MemorySegment.ofArray(digestSalt),
            digestRounds,
            UUID.randomUUID().toString(),
            slots);
    MemorySegment volume = MemorySegment.ofArray(new byte[Math.toIntExact(header.payloadOffset())]);
    MemorySegment.copy(header.encode(), 0, volume, 0, Luks1Layout.LENGTH);
    MemorySegment.copy(
        sealed.material(),
        0,
        volume,
        slots.getFirst().materialOffset(),
        sealed.material().byteSize());
    return volume;
  }

  private static List<KeySlot> slots(CipherSpec cipher, SealedKey first) {
    List<KeySlot> slots = new ArrayList<>();
    for (int i = 0; i < Luks1Layout.SLOT_COUNT; i++) {
      long at = cipher.materialOffset(i);
      slots.add(i == 0 ? new KeySlot(true, first.rounds(), first.salt(), at) : KeySlot.free(at));
    }
    return slots;
  }
}
