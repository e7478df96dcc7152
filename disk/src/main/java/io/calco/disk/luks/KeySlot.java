package io.calco.disk.luks;

import static io.calco.disk.luks.Luks1Layout.SECTOR;
import static io.calco.disk.luks.Luks1Layout.U32;

import java.lang.foreign.MemorySegment;

/// A key slot's fields.
///
/// @param active it holds the key under a passphrase
/// @param rounds of PBKDF2
/// @param salt of PBKDF2
/// @param materialOffset where the key material lies, in bytes from the volume's start
record KeySlot(boolean active, int rounds, MemorySegment salt, long materialOffset) {
  KeySlot {
    salt = salt.asReadOnly();
  }

  /// A slot that holds nothing.
  static KeySlot free(long materialOffset) {
    MemorySegment none = MemorySegment.ofArray(new byte[Luks1Layout.SALT_LENGTH]);
    return new KeySlot(false, 0, none, materialOffset);
  }

  /// Where the slot of that number lies in the header.
  static long place(int index) {
    return Luks1Layout.KEY_SLOTS + (long) index * Luks1Layout.SLOT_LENGTH;
  }

  MemorySegment encode() {
    MemorySegment bytes = MemorySegment.ofArray(new byte[Luks1Layout.SLOT_LENGTH]);
    bytes.set(
        U32,
        Luks1Layout.SLOT_ACTIVE,
        active ? Luks1Layout.SLOT_ENABLED : Luks1Layout.SLOT_DISABLED);
    bytes.set(U32, Luks1Layout.SLOT_ITERATIONS, rounds);
    MemorySegment.copy(salt, 0, bytes, Luks1Layout.SLOT_SALT, Luks1Layout.SALT_LENGTH);
    bytes.set(U32, Luks1Layout.SLOT_KEY_MATERIAL_OFFSET, (int) (materialOffset / SECTOR));
    bytes.set(U32, Luks1Layout.SLOT_STRIPES, Luks1Layout.STRIPES);
    return bytes;
  }
}
