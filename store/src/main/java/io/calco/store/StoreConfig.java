package io.calco.store;

import io.calco.disk.UnsupportedFeatureException;
import io.calco.store.backend.Backend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;

/// The object that makes a place a store.
///
/// @param id of this store and no other
/// @param encrypted whether all else is sealed
/// @param chunkLength the grid that all its writers cut on, in bytes
/// @param keyCheck tells the right master key, 16 bytes in hexadecimal digits
/// @param created when, by its maker's clock
record StoreConfig(UUID id, boolean encrypted, int chunkLength, String keyCheck, Instant created) {
  static final String OBJECT = "config";
  private static final int VERSION = 2;
  private static final int ENCRYPTED = 1;

  /// True when the cipher's key is this store's.
  boolean fits(StoreCipher cipher) {
    return HexFormat.of().formatHex(cipher.keyCheck()).equals(keyCheck);
  }

  ByteBuffer encode() {
    ByteBuffer body = Envelope.body(2 + 2 + 4 + 16 + 16 + 8);
    body.putShort((short) VERSION).putShort((short) (encrypted ? ENCRYPTED : 0));
    body.putInt(chunkLength);
    Root.putUuid(body, id);
    return body.put(HexFormat.of().parseHex(keyCheck)).putLong(created.toEpochMilli());
  }

  static StoreConfig read(Backend backend) throws IOException {
    return Envelope.CONFIG.read(
        backend, StoreCipher.plain(), OBJECT, body -> decode(backend.place(), body));
  }

  private static StoreConfig decode(String place, ByteBuffer body) throws IOException {
    int version = body.getShort();
    int flags = body.getShort();
    if (version != VERSION || (flags & ~ENCRYPTED) != 0) {
      throw new UnsupportedFeatureException(
          "%s: the store's format has version %d and flags 0x%x; this Calco knows version %d"
              .formatted(place, version, flags, VERSION));
    }
    int chunkLength = body.getInt();
    if (chunkLength < ImageRecord.CHUNK_MIN
        || chunkLength > ImageRecord.CHUNK_MAX
        || Integer.bitCount(chunkLength) != 1) {
      throw new IllegalArgumentException("chunks of " + chunkLength);
    }
    UUID id = Root.getUuid(body);
    byte[] check = new byte[16];
    body.get(check);
    return new StoreConfig(
        id,
        (flags & ENCRYPTED) != 0,
        chunkLength,
        HexFormat.of().formatHex(check),
        Instant.ofEpochMilli(body.getLong()));
  }
}
