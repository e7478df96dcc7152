package io.calco.store;

import io.calco.store.backend.Backend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.Instant;

/// The mark of a store that only grows: an object `append-only`, whatever it holds. Looked for
/// whenever something is to be deleted, so that it counts at once, for every process.
final class AppendOnly {
  static final String OBJECT = "append-only";

  private AppendOnly() {}

  static boolean is(Backend backend) throws IOException {
    try {
      backend.size(OBJECT);
      return true;
    } catch (NoSuchFileException none) {
      return false;
    }
  }

  /// Throws when the store only grows.
  static void refuse(Backend backend) throws IOException {
    if (is(backend)) {
      throw new AppendOnlyException(backend.place());
    }
  }

  static void set(Backend backend, StoreCipher cipher) throws IOException {
    ByteBuffer body = Envelope.body(Long.BYTES).putLong(Instant.now().toEpochMilli());
    Envelope.APPEND_ONLY.put(backend, cipher, OBJECT, body);
  }

  static void lift(Backend backend) throws IOException {
    backend.delete(OBJECT);
  }
}
