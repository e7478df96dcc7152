package io.calco.disk;

import java.io.IOException;
import java.time.Duration;
import java.util.OptionalInt;

/// The passphrases that open an encrypted image, each in a slot of its own. The guest's bytes are
/// encrypted under a key that stays the same.
///
/// Thread rule: confined; the image is open for writing.
public interface PassphraseSlots {

  /// Lets another passphrase open the image. It is on the medium when this returns; a crash before
  /// leaves the slot as it was.
  ///
  /// @param existing one that does already
  /// @param added the new one
  /// @param time how long a try of it takes on this machine; 1 ms to 1 min
  /// @param slot where it goes, which must be free; the first free one if empty
  /// @return the slot
  /// @throws PassphraseException when `existing` does not open the image
  int add(Passphrase existing, Passphrase added, Duration time, OptionalInt slot)
      throws IOException;

  /// Erases a slot. What it held is overwritten; copies that the host's file system or medium keeps
  /// of it are not.
  ///
  /// @throws UnsupportedFeatureException when it is the last one, or free
  void remove(int slot) throws IOException;

  /// Erases all slots that a passphrase opens, unless they are all there are.
  ///
  /// @return how many
  /// @throws PassphraseException when it opens none
  int remove(Passphrase passphrase) throws IOException;
}
