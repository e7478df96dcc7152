package io.calco.disk.luks;

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
}
