package io.calco.store;

import io.calco.disk.DiskException;
import io.calco.store.backend.Backend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Map;

/// Deletes an object that cannot be read. Confined.
final class Discard {
  private static final Map<String, Envelope> KINDS =
      Map.of(
          Root.PREFIX, Envelope.ROOT,
          Session.PREFIX, Envelope.SESSION,
          Session.ENDED, Envelope.TOMBSTONE,
          Condemned.PREFIX, Envelope.CONDEMNED);

  private final Backend backend;
  private final StoreCipher cipher;
  private final Roots roots;

  Discard(Backend backend, StoreCipher cipher, Roots roots) {
    this.backend = backend;
    this.cipher = cipher;
    this.roots = roots;
  }

  void run(String object) throws IOException {
    Envelope kind = KINDS.get(object.substring(0, object.indexOf('/') + 1));
    if (kind == null) {
      throw new NoSuchFileException(object, null, "nothing that could be given up is called so");
    }
    try {
      if (kind.equals(Envelope.ROOT)) {
        roots.checkReadable(object);
      } else {
        kind.read(backend, cipher, object, Discard::all);
      }
    } catch (DiskException damaged) {
      backend.delete(object);
      return;
    } catch (IllegalArgumentException e) {
      throw new NoSuchFileException(object, null, "no object is called so");
    }
    throw new FileAlreadyExistsException(object, null, "is as it was written");
  }

  private static ByteBuffer all(ByteBuffer body) {
    return body.position(body.limit());
  }
}
