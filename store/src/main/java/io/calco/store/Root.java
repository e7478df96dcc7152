package io.calco.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.UUID;

/// A name in the store, and what it keeps: everything that no root leads to is garbage.
///
/// @param name any text, 1 to 1,000 bytes of UTF-8
/// @param parts what it consists of: the names that its maker gave, with the disk or blob of each,
///   in order
/// @param attributes what its maker wrote about it, UTF-8 text such as JSON; at most 1 MiB
/// @param created when, by its maker's clock
/// @param id of this root and no other, also of the same name
/// @param session the upload that made it
public record Root(
    String name,
    SequencedMap<String, ChunkId> parts,
    String attributes,
    Instant created,
    UUID id,
    UUID session) {
  static final String PREFIX = "roots/";

  private static final int NAME_MAX = 1000;
  private static final int ATTRIBUTES_MAX = 1 << 20;
  private static final int PARTS_MAX = 10_000;

  /// Checks lengths, copies.
  public Root {
    if (name.isEmpty() || bytes(name).length > NAME_MAX) {
      throw new IllegalArgumentException("root name of " + bytes(name).length + " bytes");
    }
    if (bytes(attributes).length > ATTRIBUTES_MAX) {
      throw new IllegalArgumentException("more than 1 MiB of attributes");
    }
    if (parts.isEmpty() || parts.size() > PARTS_MAX) {
      throw new IllegalArgumentException(parts.size() + " parts");
    }
    for (String part : parts.keySet()) {
      if (bytes(part).length > NAME_MAX) {
        throw new IllegalArgumentException("part name of " + bytes(part).length + " bytes");
      }
    }
    parts = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(parts));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String object(StoreCipher cipher, String name) {
    return PREFIX + cipher.disguise(name);
  }

  ByteBuffer encode() {
    int length = 16 + 16 + 8 + 2 + bytes(name).length + 4 + bytes(attributes).length + 2;
    for (String part : parts.keySet()) {
      length += 2 + bytes(part).length + ChunkId.BYTES;
    }
    ByteBuffer body = Envelope.body(length);
    putUuid(body, id);
    putUuid(body, session);
    body.putLong(created.toEpochMilli());
    putText(body, name);
    body.putInt(bytes(attributes).length).put(bytes(attributes));
    body.putShort((short) parts.size());
    for (Map.Entry<String, ChunkId> part : parts.entrySet()) {
      putText(body, part.getKey());
      byte[] identity = new byte[ChunkId.BYTES];
      part.getValue().write(identity, 0);
      body.put(identity);
    }
    return body;
  }

  static Root decode(ByteBuffer body) {
    UUID id = getUuid(body);
    UUID session = getUuid(body);
    Instant created = Instant.ofEpochMilli(body.getLong());
    String name = getText(body, body.getShort() & 0xffff);
    String attributes = getText(body, body.getInt());
    int count = body.getShort() & 0xffff;
    LinkedHashMap<String, ChunkId> parts = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      String part = getText(body, body.getShort() & 0xffff);
      byte[] identity = new byte[ChunkId.BYTES];
      body.get(identity);
      parts.put(part, ChunkId.read(identity, 0));
    }
    return new Root(name, parts, attributes, created, id, session);
  }

  static void putUuid(ByteBuffer body, UUID id) {
    body.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
  }

  static UUID getUuid(ByteBuffer body) {
    return new UUID(body.getLong(), body.getLong());
  }

  static void putText(ByteBuffer body, String text) {
    body.putShort((short) bytes(text).length).put(bytes(text));
  }

  static String getText(ByteBuffer body, int length) {
    if (length < 0 || length > body.remaining()) {
      throw new IllegalArgumentException("text of " + length + " bytes");
    }
    byte[] bytes = new byte[length];
    body.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
