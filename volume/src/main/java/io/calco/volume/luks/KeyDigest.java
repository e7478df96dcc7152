package io.calco.volume.luks;

import io.calco.disk.DiskException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.luks.LuksHash;
import io.calco.disk.luks.Pbkdf2;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// What tells whether a key is the one of a segment.
///
/// @param name the digest's number, as text
/// @param segments what its key is for
/// @param hash of PBKDF2
/// @param rounds of PBKDF2
/// @param salt of PBKDF2, read-only
/// @param digest PBKDF2 of the key, read-only
record KeyDigest(
    String name,
    List<String> segments,
    LuksHash hash,
    int rounds,
    MemorySegment salt,
    MemorySegment digest) {
  /// Ours: a shorter one would prove little.
  private static final int LENGTH_MIN = 16;

  private static final int LENGTH_MAX = 128;

  KeyDigest {
    segments = List.copyOf(segments);
    salt = salt.asReadOnly();
    digest = digest.asReadOnly();
  }

  static KeyDigest read(String name, JsonFields fields) throws DiskException {
    String type = fields.text("type");
    if (!type.equals("pbkdf2")) {
      throw new UnsupportedFeatureException(
          "%s: LUKS2 %s is a \"%s\", which is not supported"
              .formatted(fields.file(), fields.path(), JsonFields.printable(type)));
    }
    return new KeyDigest(
        name,
        fields.texts("segments", Luks2Layout.MAX_KEYSLOTS),
        Keyslot.hash(fields, "hash"),
        KeyDerivation.rounds(fields),
        MemorySegment.ofArray(fields.bytes("salt", 1, LENGTH_MAX)),
        MemorySegment.ofArray(fields.bytes("digest", LENGTH_MIN, LENGTH_MAX)));
  }

  boolean isOf(byte[] key) {
    byte[] found =
        Pbkdf2.derive(
            hash,
            key,
            salt.toArray(ValueLayout.JAVA_BYTE),
            rounds,
            Math.toIntExact(digest.byteSize()));
    return MessageDigest.isEqual(found, digest.toArray(ValueLayout.JAVA_BYTE));
  }

  /// The digest of another key, held by these slots.
  ObjectNode encodeOf(byte[] key, Collection<String> keyslots) {
    byte[] newSalt = new byte[Math.toIntExact(salt.byteSize())];
    new SecureRandom().nextBytes(newSalt);
    byte[] found = Pbkdf2.derive(hash, key, newSalt, rounds, Math.toIntExact(digest.byteSize()));
    ObjectNode encoded = Luks2Json.object().put("type", "pbkdf2");
    keyslots.forEach(encoded.putArray("keyslots")::add);
    segments.forEach(encoded.putArray("segments")::add);
    return encoded
        .put("hash", hash.label())
        .put("iterations", rounds)
        .put("salt", Base64.getEncoder().encodeToString(newSalt))
        .put("digest", Base64.getEncoder().encodeToString(found));
  }
}
