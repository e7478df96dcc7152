package io.calco.disk.luks;

import static io.calco.disk.luks.Luks1Layout.SECTOR;
import static io.calco.disk.luks.Luks1Layout.U32;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The header of a version 1 volume, every field of which was judged when it was read.
///
/// @param cipher how sectors are encrypted, and how long the master key is
/// @param hash of PBKDF2 and the anti-forensic splitter
/// @param payloadOffset where the guest's sectors begin, in bytes from the volume's start
/// @param digest PBKDF2 of the master key
/// @param digestSalt its salt
/// @param digestRounds its rounds
/// @param uuid the volume's name for itself
/// @param slots all eight
record Luks1Header(
    CipherSpec cipher,
    LuksHash hash,
    long payloadOffset,
    MemorySegment digest,
    MemorySegment digestSalt,
    int digestRounds,
    String uuid,
    List<KeySlot> slots) {

  Luks1Header {
    digest = digest.asReadOnly();
    digestSalt = digestSalt.asReadOnly();
    slots = List.copyOf(slots);
  }

  /// The header with another slot in place of the one of that number.
  Luks1Header with(int index, KeySlot slot) {
    List<KeySlot> changed = new ArrayList<>(slots);
    changed.set(index, slot);
    return new Luks1Header(
        cipher, hash, payloadOffset, digest, digestSalt, digestRounds, uuid, changed);
  }

  /// The header under another name for the volume.
  Luks1Header withUuid(String other) {
    return new Luks1Header(
        cipher, hash, payloadOffset, digest, digestSalt, digestRounds, other, slots);
  }

  /// The header with the digest of another key, in these slots.
  Luks1Header withKey(byte[] key, List<KeySlot> holders) {
    byte[] salt = new byte[Luks1Layout.SALT_LENGTH];
    new SecureRandom().nextBytes(salt);
    byte[] sum = Pbkdf2.derive(hash, key, salt, digestRounds, Luks1Layout.DIGEST_LENGTH);
    return new Luks1Header(
        cipher,
        hash,
        payloadOffset,
        MemorySegment.ofArray(sum),
        MemorySegment.ofArray(salt),
        digestRounds,
        uuid,
        holders);
  }

  /// Reads and judges the header at `start`, of a volume of at most `length` bytes.
  static Luks1Header read(HostFile file, long start, long length) throws IOException {
    if (length < Luks1Layout.LENGTH) {
      throw CorruptImageException.at(
          file.name(), "LUKS header", start, length + " bytes", "at least " + Luks1Layout.LENGTH);
    }
    MemorySegment bytes = MemorySegment.ofArray(new byte[Luks1Layout.LENGTH]);
    file.read(start, bytes);
    return new Reader(file.name(), start, length, bytes).read();
  }

  /// The header's bytes.
  MemorySegment encode() {
    MemorySegment bytes = MemorySegment.ofArray(new byte[Luks1Layout.LENGTH]);
    MemorySegment.copy(MemorySegment.ofArray(Luks1Layout.MAGIC_BYTES), 0, bytes, 0, 6);
    bytes.set(Luks1Layout.U16, Luks1Layout.VERSION, (short) 1);
    bytes.setString(Luks1Layout.CIPHER_NAME, cipher.cipherName(), StandardCharsets.US_ASCII);
    bytes.setString(Luks1Layout.CIPHER_MODE, cipher.cipherMode(), StandardCharsets.US_ASCII);
    bytes.setString(Luks1Layout.HASH_SPEC, hash.label(), StandardCharsets.US_ASCII);
    bytes.set(U32, Luks1Layout.PAYLOAD_OFFSET, Math.toIntExact(payloadOffset / SECTOR));
    bytes.set(U32, Luks1Layout.KEY_BYTES, cipher.keyLength());
    MemorySegment.copy(digest, 0, bytes, Luks1Layout.MK_DIGEST, Luks1Layout.DIGEST_LENGTH);
    MemorySegment.copy(digestSalt, 0, bytes, Luks1Layout.MK_DIGEST_SALT, Luks1Layout.SALT_LENGTH);
    bytes.set(U32, Luks1Layout.MK_DIGEST_ITER, digestRounds);
    bytes.setString(Luks1Layout.UUID, uuid, StandardCharsets.US_ASCII);
    for (int i = 0; i < slots.size(); i++) {
      MemorySegment slot = slots.get(i).encode();
      MemorySegment.copy(slot, 0, bytes, KeySlot.place(i), slot.byteSize());
    }
    return bytes;
  }

  /// Judges a header's bytes.
  ///
  /// @param length bytes that the volume has
  private record Reader(String file, long start, long length, MemorySegment bytes) {

    Luks1Header read() throws IOException {
      String cipherName = text(Luks1Layout.CIPHER_NAME, Luks1Layout.TEXT_LENGTH);
      String cipherMode = text(Luks1Layout.CIPHER_MODE, Luks1Layout.TEXT_LENGTH);
      long keyLength = u32(Luks1Layout.KEY_BYTES);
      Optional<CipherSpec> cipher = CipherSpec.find(cipherName, cipherMode, keyLength);
      if (cipher.isEmpty()) {
        throw new UnsupportedFeatureException(
            "%s: encrypted by %s-%s with a key of %d bytes, which is not supported"
                .formatted(file, cipherName, cipherMode, keyLength));
      }
      String hashName = text(Luks1Layout.HASH_SPEC, Luks1Layout.TEXT_LENGTH);
      Optional<LuksHash> hash = LuksHash.find(hashName);
      if (hash.isEmpty()) {
        throw new UnsupportedFeatureException(
            "%s: the hash %s of the LUKS header is not supported".formatted(file, hashName));
      }
      long payload = u32(Luks1Layout.PAYLOAD_OFFSET) * SECTOR;
      expect(
          payload >= Luks1Layout.LENGTH && payload <= length,
          "payload-offset",
          Luks1Layout.PAYLOAD_OFFSET,
          payload + " bytes",
          "after the header, within the volume of " + length + " bytes");
      Luks1Header header =
          new Luks1Header(
              cipher.get(),
              hash.get(),
              payload,
              bytes.asSlice(Luks1Layout.MK_DIGEST, Luks1Layout.DIGEST_LENGTH),
              bytes.asSlice(Luks1Layout.MK_DIGEST_SALT, Luks1Layout.SALT_LENGTH),
              rounds(Luks1Layout.MK_DIGEST_ITER),
              text(Luks1Layout.UUID, Luks1Layout.UUID_LENGTH),
              slots());
      checkPlaces(header);
      return header;
    }

    private List<KeySlot> slots() throws IOException {
      List<KeySlot> slots = new ArrayList<>();
      for (int i = 0; i < Luks1Layout.SLOT_COUNT; i++) {
        long at = KeySlot.place(i);
        int state = bytes.get(U32, at);
        expect(
            state == Luks1Layout.SLOT_ENABLED || state == Luks1Layout.SLOT_DISABLED,
            "state of key slot " + i,
            at,
            "0x%08x".formatted(state),
            "0x00ac71f3 or 0x0000dead");
        long stripes = u32(at + Luks1Layout.SLOT_STRIPES);
        expect(
            stripes == Luks1Layout.STRIPES,
            "stripes of key slot " + i,
            at + Luks1Layout.SLOT_STRIPES,
            stripes,
            Luks1Layout.STRIPES);
        boolean active = state == Luks1Layout.SLOT_ENABLED;
        slots.add(
            new KeySlot(
                active,
                active ? rounds(at + Luks1Layout.SLOT_ITERATIONS) : 0,
                bytes.asSlice(at + Luks1Layout.SLOT_SALT, Luks1Layout.SALT_LENGTH),
                u32(at + Luks1Layout.SLOT_KEY_MATERIAL_OFFSET) * SECTOR));
      }
      return slots;
    }

    /// Key material lies between the header and the payload, each slot's by itself.
    private void checkPlaces(Luks1Header header) throws IOException {
      for (int i = 0; i < header.slots.size(); i++) {
        long from = header.slots.get(i).materialOffset();
        long at = KeySlot.place(i) + Luks1Layout.SLOT_KEY_MATERIAL_OFFSET;
        expect(
            from >= Luks1Layout.LENGTH
                && from + header.cipher.materialLength() <= header.payloadOffset,
            "key material of slot " + i,
            at,
            "0x%x with %d bytes".formatted(from, header.cipher.materialLength()),
            "between the header and the payload at 0x%x".formatted(header.payloadOffset));
        for (KeySlot other : header.slots.subList(0, i)) {
          expect(
              Math.abs(from - other.materialOffset()) >= header.cipher.materialLength(),
              "key material of slot " + i,
              at,
              "0x%x, where another slot's lies".formatted(from),
              "a place of its own");
        }
      }
    }

    private int rounds(long field) throws IOException {
      long rounds = u32(field);
      expect(rounds > 0, "PBKDF2 rounds", field, 0, "at least 1");
      if (rounds > Pbkdf2.ROUNDS_MAX) {
        throw new LimitExceededException(
            "%s: %d rounds of PBKDF2 in the LUKS header; at most %d are allowed"
                .formatted(file, rounds, Pbkdf2.ROUNDS_MAX));
      }
      return (int) rounds;
    }

    private long u32(long field) {
      return Integer.toUnsignedLong(bytes.get(U32, field));
    }

    /// Printable ASCII up to the first zero byte; what is not, as a question mark.
    private String text(long field, int most) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < most; i++) {
        byte letter = bytes.get(ValueLayout.JAVA_BYTE, field + i);
        if (letter == 0) {
          break;
        }
        text.append(letter >= ' ' && letter < 0x7f ? (char) letter : '?');
      }
      return text.toString();
    }

    private void expect(boolean holds, String field, long at, Object found, Object expected)
        throws CorruptImageException {
      if (!holds) {
        throw CorruptImageException.at(file, "LUKS " + field, start + at, found, expected);
      }
    }
  }
}
