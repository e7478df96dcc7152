package io.calco.store;

import io.calco.store.backend.Backend;
import io.calco.sys.ProcessMark;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.UUID;

/// What somebody who adds to the store has put there to say so.
///
/// @param id of this session
/// @param writer the process, as its packs name it
/// @param mark the process, as the system knows it
/// @param beat counts up while the session lives
/// @param purpose what it is for
/// @param beaten when the beat was counted, by its own clock
record Session(UUID id, UUID writer, String mark, long beat, Purpose purpose, Instant beaten) {
  /// What a session is for.
  enum Purpose {
    UPLOAD,
    COLLECTION
  }

  static final String PREFIX = "sessions/";

  /// Where it is noted that a session was given up for dead.
  static final String ENDED = "ended/";

  String object() {
    return PREFIX + id;
  }

  static String endObject(UUID id) {
    return ENDED + id;
  }

  static Session begin(UUID writer, Purpose purpose) {
    return new Session(
        UUID.randomUUID(), writer, ProcessMark.self().toString(), 0, purpose, Instant.now());
  }

  Session next() {
    return new Session(id, writer, mark, beat + 1, purpose, Instant.now());
  }

  void put(Backend backend, StoreCipher cipher) throws IOException {
    byte[] text = mark.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    ByteBuffer body = Envelope.body(16 + 16 + 8 + 8 + 1 + 2 + text.length);
    Root.putUuid(body, id);
    Root.putUuid(body, writer);
    body.putLong(beat)
        .putLong(beaten.toEpochMilli())
        .put((byte) (purpose == Purpose.UPLOAD ? 0 : 1));
    Root.putText(body, mark);
    Envelope.SESSION.put(backend, cipher, object(), body);
  }

  static Session decode(ByteBuffer body) {
    UUID id = Root.getUuid(body);
    UUID writer = Root.getUuid(body);
    long beat = body.getLong();
    Instant beaten = Instant.ofEpochMilli(body.getLong());
    Purpose purpose = body.get() == 0 ? Purpose.UPLOAD : Purpose.COLLECTION;
    String mark = Root.getText(body, body.getShort() & 0xffff);
    return new Session(id, writer, mark, beat, purpose, beaten);
  }
}
