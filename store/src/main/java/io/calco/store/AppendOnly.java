package io.calco.store;

import io.calco.store.backend.Backend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.Instant;

/// The mark of a store that only grows: an object `append-only`, whatever it holds. Looked for
/// whenever something is to be deleted, so that it counts at once, for every process.
///
/// A store keeps to it by itself. Whoever keeps a store for others, whom he need not trust, lets
/// them do no more than [#latitude] says.
public final class AppendOnly {
  /// The mark's name.
  public static final String OBJECT = "append-only";

  private AppendOnly() {}

  /// What a store that only grows does with an object that is there.
  public enum Latitude {
    /// Replaces and deletes it: what says that somebody is at work.
    ANY,
    /// Replaces it by one that says more, and never deletes it: a root, of which the one before is
    /// worth keeping.
    REPLACED,
    /// Neither.
    NONE
  }

  /// What is done with an object of this name once it is there.
  public static Latitude latitude(String object) {
    if (object.startsWith(Session.PREFIX)) {
      return Latitude.ANY;
    }
    return object.startsWith(Root.PREFIX) ? Latitude.REPLACED : Latitude.NONE;
  }

  /// Whether the store in a place only grows. Needs no key.
  public static boolean is(Backend backend) throws IOException {
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
