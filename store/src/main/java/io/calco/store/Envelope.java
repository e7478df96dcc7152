package io.calco.store;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.store.backend.Backend;
import io.calco.sys.Cryptography;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;

/// The frame of every object but packs: magic, salt, length, sealed body, SHA-256 of all before.
///
/// @param magic the object's first 8 bytes
/// @param structure what it is, for messages
/// @param bodyMax most bytes of a body; ours
record Envelope(String magic, String structure, int bodyMax) {
  static final Envelope CONFIG = new Envelope("CALCOcf1", "configuration", 4 << 10);
  static final Envelope KEY = new Envelope("CALCOky1", "key", 4 << 10);
  static final Envelope INDEX = new Envelope("CALCOix1", "index", 64 << 20);
  static final Envelope ROOT = new Envelope("CALCOrt1", "root", 4 << 20);
  static final Envelope SESSION = new Envelope("CALCOse1", "session", 4 << 10);
  static final Envelope TOMBSTONE = new Envelope("CALCOts1", "end of a session", 16 << 20);
  static final Envelope CONDEMNED = new Envelope("CALCOcd1", "list of condemned packs", 64 << 20);

  static final Envelope APPEND_ONLY = new Envelope("CALCOao1", "append-only mark", 4 << 10);

  private static final int HEAD = 8 + StoreCipher.SALT + 4;
  private static final int SUM = 32;

  /// Makes a value out of a body's fields, which end where the body does.
  interface Decoder<T> {
    T decode(ByteBuffer body) throws IOException;
  }

  /// A body of this many bytes, to be filled to its end.
  static ByteBuffer body(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// The object around a body.
  byte[] encode(StoreCipher cipher, ByteBuffer body) {
    byte[] salt = StoreCipher.random(StoreCipher.SALT);
    byte[] plain = new byte[body.flip().remaining()];
    body.get(plain);
    byte[] sealed = cipher.seal(magicBytes(), salt).close(0, plain);
    byte[] object = new byte[HEAD + sealed.length + SUM];
    System.arraycopy(magicBytes(), 0, object, 0, 8);
    System.arraycopy(salt, 0, object, 8, salt.length);
    LittleEndian.put32(object, HEAD - 4, sealed.length);
    System.arraycopy(sealed, 0, object, HEAD, sealed.length);
    byte[] sum = sum(object);
    System.arraycopy(sum, 0, object, object.length - SUM, SUM);
    return object;
  }

  private static byte[] sum(byte[] object) {
    MessageDigest digest = Cryptography.sha256();
    digest.update(object, 0, object.length - SUM);
    return digest.digest();
  }

  /// The SHA-256 that the object ends with, in hexadecimal digits.
  static String sumOf(byte[] object) {
    return ChunkId.read(object, object.length - SUM).toString();
  }

  private byte[] magicBytes() {
    return magic.getBytes(StandardCharsets.US_ASCII);
  }

  /// Puts a body under a name.
  void put(Backend backend, StoreCipher cipher, String name, ByteBuffer body) throws IOException {
    backend.put(name, List.of(MemorySegment.ofArray(encode(cipher, body))));
  }

  /// Reads an object whole and takes it apart.
  ///
  /// @throws java.nio.file.NoSuchFileException when there is none of this name
  /// @throws CorruptImageException when it is not as it was written
  <T> T read(Backend backend, StoreCipher cipher, String name, Decoder<T> decoder)
      throws IOException {
    byte[] object = backend.get(name, bodyMax + 1024);
    return decode(cipher, backend.place() + "/" + name, object, decoder);
  }

  /// Takes an object apart.
  <T> T decode(StoreCipher cipher, String file, byte[] object, Decoder<T> decoder)
      throws IOException {
    if (object.length < HEAD + SUM) {
      throw CorruptImageException.at(
          file, structure, 0, object.length + " bytes", "at least " + (HEAD + SUM));
    }
    if (!Arrays.equals(object, 0, 8, magicBytes(), 0, 8)) {
      throw CorruptImageException.at(
          file,
          structure + " magic",
          0,
          new String(object, 0, 8, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", "?"),
          magic);
    }
    if (LittleEndian.u32(object, HEAD - 4) != object.length - HEAD - SUM) {
      throw CorruptImageException.at(
          file,
          structure + " length",
          HEAD - 4L,
          LittleEndian.u32(object, HEAD - 4),
          object.length - HEAD - SUM);
    }
    int end = object.length - SUM;
    if (!Arrays.equals(object, end, object.length, sum(object), 0, SUM)) {
      throw CorruptImageException.at(
          file, structure + " SHA-256", end, sumOf(object), "that of the bytes before it");
    }
    byte[] salt = Arrays.copyOfRange(object, 8, 8 + StoreCipher.SALT);
    byte[] sealed = Arrays.copyOfRange(object, HEAD, end);
    try {
      ByteBuffer body = ByteBuffer.wrap(cipher.seal(magicBytes(), salt).open(0, sealed));
      body.order(ByteOrder.LITTLE_ENDIAN);
      T value = decoder.decode(body);
      if (body.hasRemaining()) {
        throw CorruptImageException.at(
            file, structure, HEAD, body.remaining() + " more bytes", "the end of its fields");
      }
      return value;
    } catch (GeneralSecurityException e) {
      throw new CorruptImageException(
          "%s: the %s is not sealed with this store's key".formatted(file, structure));
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new CorruptImageException(
          "%s: the fields of the %s are not as they must be".formatted(file, structure));
    }
  }
}
