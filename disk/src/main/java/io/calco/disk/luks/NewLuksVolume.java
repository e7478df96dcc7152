package io.calco.disk.luks;

import io.calco.disk.Passphrase;
import io.calco.disk.crypt.SectorEncryption;
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
    int rounds = Pbkdf2.roundsFor(hash, cipher.keyLength(), options.iterTime());
    int blocks = Math.ceilDiv(cipher.keyLength(), hash.length());
    int digestRounds =
        Math.clamp((long) rounds * blocks / DIGEST_SHARE, Pbkdf2.ROUNDS_MIN, Pbkdf2.ROUNDS_MAX);
    byte[] key = bytes(random, cipher.keyLength());
    MemorySegment salt = MemorySegment.ofArray(bytes(random, Luks1Layout.SALT_LENGTH));
    MemorySegment digestSalt = MemorySegment.ofArray(bytes(random, Luks1Layout.SALT_LENGTH));
    byte[] digest = LuksVolume.digest(hash, key, digestSalt, digestRounds);
    long slotLength =
        Math.ceilDiv(cipher.keyLength() * Luks1Layout.STRIPES, Luks1Layout.MATERIAL_ALIGNMENT)
            * (long) Luks1Layout.MATERIAL_ALIGNMENT;
    List<KeySlot> slots = new ArrayList<>();
    MemorySegment noSalt = MemorySegment.ofArray(new byte[Luks1Layout.SALT_LENGTH]);
    long at = Luks1Layout.MATERIAL_ALIGNMENT;
    for (int i = 0; i < Luks1Layout.SLOT_COUNT; i++) {
      slots.add(i == 0 ? new KeySlot(true, rounds, salt, at) : new KeySlot(false, 0, noSalt, at));
      at += slotLength;
    }
    Luks1Header header =
        new Luks1Header(
            cipher,
            hash,
            at,
            MemorySegment.ofArray(digest),
            digestSalt,
            digestRounds,
            UUID.randomUUID().toString(),
            slots);
    MemorySegment volume = MemorySegment.ofArray(new byte[Math.toIntExact(at)]);
    MemorySegment.copy(header.encode(), 0, volume, 0, Luks1Layout.LENGTH);
    writeKey(volume, header, slots.getFirst(), key, passphrase);
    Arrays.fill(key, (byte) 0);
    return volume;
  }

  private static byte[] bytes(SecureRandom random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static void writeKey(
      MemorySegment volume, Luks1Header header, KeySlot slot, byte[] key, Passphrase passphrase) {
    byte[] secret = passphrase.bytes();
    byte[] material = new byte[header.materialLength()];
    byte[] slotKey =
        Pbkdf2.derive(
            header.hash(), secret, LuksVolume.array(slot.salt()), slot.rounds(), key.length);
    AntiForensic.split(key, material, Luks1Layout.STRIPES, header.hash(), new SecureRandom());
    MemorySegment place = volume.asSlice(slot.materialOffset(), material.length);
    try (SectorEncryption encryption = header.cipher().with(slotKey)) {
      encryption.encrypt(MemorySegment.ofArray(material), place, 0);
    }
    Arrays.fill(secret, (byte) 0);
    Arrays.fill(slotKey, (byte) 0);
    Arrays.fill(material, (byte) 0);
  }
}
