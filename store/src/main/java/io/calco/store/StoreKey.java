package io.calco.store;

import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.store.backend.Backend;
import java.io.IOException;

/// What opens a store. Never printed.
///
/// Thread rule: immutable, but for the passphrase in it.
public abstract sealed class StoreKey {

  /// For stores that are not encrypted.
  public static StoreKey none() {
    return new None();
  }

  /// One of the store's passphrases; stays the caller's to close, after the store was opened.
  public static StoreKey of(Passphrase passphrase) {
    return new OfPassphrase(passphrase);
  }

  /// The recovery key, as it was printed.
  ///
  /// @throws IllegalArgumentException when it was copied wrongly: its checksum tells
  public static StoreKey recovery(String printed) {
    return new Recovery(RecoveryKey.parse(printed));
  }

  /// The cipher of a store.
  ///
  /// @throws PassphraseException when this key does not open it
  abstract StoreCipher open(Backend backend, StoreConfig config) throws IOException;

  private static final class None extends StoreKey {
    @Override
    StoreCipher open(Backend backend, StoreConfig config) throws IOException {
      if (config.encrypted()) {
        throw PassphraseException.missing(backend.place());
      }
      return StoreCipher.plain();
    }
  }

  private static final class OfPassphrase extends StoreKey {
    private final Passphrase passphrase;

    OfPassphrase(Passphrase passphrase) {
      this.passphrase = passphrase;
    }

    @Override
    StoreCipher open(Backend backend, StoreConfig config) throws IOException {
      return config.encrypted()
          ? new KeySlots(backend, config).open(passphrase)
          : StoreCipher.plain();
    }
  }

  private static final class Recovery extends StoreKey {
    private final byte[] master;

    Recovery(byte[] master) {
      this.master = master;
    }

    @Override
    StoreCipher open(Backend backend, StoreConfig config) throws IOException {
      StoreCipher cipher = StoreCipher.of(master);
      if (!config.fits(cipher)) {
        throw PassphraseException.wrong(backend.place());
      }
      return cipher;
    }
  }
}
