package io.calco.disk.luks;

import io.calco.disk.crypt.SectorEncryption;
import java.io.IOException;
import java.util.List;

/// A volume's way from its master key to another: whoever has this re-encrypts the payload from
/// [#before] to [#after], and then calls [#finish]. Between the two the volume is of no use to
/// anybody. Wipes its keys when closed.
///
/// Thread rule: confined; what it encrypts by is as [SectorEncryption] says.
public interface KeyChange extends AutoCloseable {
  /// How the payload is encrypted now.
  SectorEncryption before();

  /// How it is to be encrypted: by the same cipher, under a new random key.
  SectorEncryption after();

  /// The numbers of the slots that stay, each for a passphrase that was given.
  List<Integer> kept();

  /// The numbers of the slots that [#finish] erases.
  List<Integer> removed();

  /// Writes the new key, under the passphrases that stay and as dear to try as before, and
  /// overwrites the other slots. On the medium when this returns.
  void finish() throws IOException;

  @Override
  void close();
}
