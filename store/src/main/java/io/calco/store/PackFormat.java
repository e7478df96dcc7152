package io.calco.store;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;
import io.calco.store.backend.Backend;
import io.calco.store.backend.StoredObject;
import io.calco.sys.Cryptography;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.UUID;

/// The layout of a pack: head, pieces, table, foot.
///
/// | head | | foot, the last 24 bytes | |
/// |---|---|---|---|
/// | 0–7 | `CALCOpk2` | 0–3 | length of the sealed table |
/// | 8–39 | salt | 4–7 | pieces |
/// | 40–55 | writer | 8–11 | CRC-32C of the head and the sealed table |
/// | | | 12–15 | 0 |
/// | | | 16–23 | `CALCOpe2` |
///
/// A pack's name is the SHA-256 of head, table and foot; the table has a sum of each piece.
final class PackFormat {
  static final int HEAD = 56;
  static final int FOOT = 24;

  /// How much of a pack's end is read at first: the table of a full pack of 512 KiB chunks is in
  /// it.
  private static final int END = 4 << 10;

  private static final byte[] MAGIC = "CALCOpk2".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END_MAGIC = "CALCOpe2".getBytes(StandardCharsets.US_ASCII);

  private PackFormat() {}

  /// What the head says.
  static final class Head {
    private final byte[] bytes;

    private Head(byte[] bytes) {
      this.bytes = bytes;
    }

    byte[] bytes() {
      return bytes;
    }

    static Head fresh(UUID writer) {
      byte[] head = new byte[HEAD];
      System.arraycopy(MAGIC, 0, head, 0, 8);
      System.arraycopy(StoreCipher.random(StoreCipher.SALT), 0, head, 8, StoreCipher.SALT);
      LittleEndian.put64(head, 40, writer.getMostSignificantBits());
      LittleEndian.put64(head, 48, writer.getLeastSignificantBits());
      return new Head(head);
    }

    StoreCipher.Seal seal(StoreCipher cipher) {
      return cipher.seal(MAGIC, Arrays.copyOfRange(bytes, 8, 8 + StoreCipher.SALT));
    }

    UUID writer() {
      return new UUID(LittleEndian.s64(bytes, 40), LittleEndian.s64(bytes, 48));
    }
  }

  /// The table and foot that end a pack.
  static byte[] tail(Head head, StoreCipher cipher, byte[] entries) {
    byte[] table = head.seal(cipher).close(StoreCipher.TABLE, entries);
    byte[] tail = Arrays.copyOf(table, table.length + FOOT);
    int foot = table.length;
    LittleEndian.put32(tail, foot, table.length);
    LittleEndian.put32(tail, foot + 4, entries.length / PackTable.ENTRY);
    LittleEndian.put32(tail, foot + 8, crc(head.bytes, table, 0, table.length));
    System.arraycopy(END_MAGIC, 0, tail, foot + 16, 8);
    return tail;
  }

  /// The name of a pack.
  ///
  /// @param tail its table and foot
  static ChunkId name(Head head, byte[] tail) {
    MessageDigest digest = Cryptography.sha256();
    digest.update(head.bytes);
    return ChunkId.read(digest.digest(tail), 0);
  }

  private static int crc(byte[] head, byte[] table, int at, int length) {
    return ~Crc32c.update(Crc32c.update(~0, head), table, at, length);
  }

  static Head head(String file, byte[] head) throws CorruptImageException {
    if (!Arrays.equals(head, 0, 8, MAGIC, 0, 8)) {
      throw CorruptImageException.at(file, "pack magic", 0, shown(head, 0), "CALCOpk2");
    }
    return new Head(head);
  }

  private static String shown(byte[] bytes, int at) {
    return "0x%016x".formatted(LittleEndian.s64(bytes, at));
  }

  /// Reads the table of a pack of `length` bytes.
  static PackTable readTable(Backend backend, StoreCipher cipher, String object, long length)
      throws IOException {
    String file = backend.place() + "/" + object;
    try {
      if (length < HEAD + FOOT) {
        throw CorruptImageException.at(
            file, "pack", 0, length + " bytes", "at least " + (HEAD + FOOT));
      }
      byte[] end = new byte[(int) Math.min(length, END)];
      backend.get(object, length - end.length, MemorySegment.ofArray(end));
      byte[] foot = Arrays.copyOfRange(end, end.length - FOOT, end.length);
      int tableLength = tableLength(file, foot, length, cipher);
      byte[] head = new byte[HEAD];
      backend.get(object, 0, MemorySegment.ofArray(head));
      byte[] table;
      if (tableLength + FOOT <= end.length) {
        int at = end.length - FOOT - tableLength;
        table = Arrays.copyOfRange(end, at, at + tableLength);
      } else {
        table = new byte[tableLength];
        backend.get(object, length - FOOT - tableLength, MemorySegment.ofArray(table));
      }
      return table(file, cipher, head(file, head), table, foot, length);
    } catch (EOFException e) {
      throw new CorruptImageException(file + ": " + e.getMessage());
    }
  }

  /// What an index tells of a pack, from the pack itself.
  static IndexObject.Line readLine(Backend backend, StoreCipher cipher, StoredObject object)
      throws IOException {
    ChunkId name;
    try {
      name = ChunkId.parse(object.name().substring(object.name().lastIndexOf('/') + 1));
    } catch (IllegalArgumentException e) {
      throw new CorruptImageException(object.name() + " is not named like a pack");
    }
    PackTable table = readTable(backend, cipher, object.name(), object.size());
    byte[] head = new byte[HEAD];
    backend.get(object.name(), 0, MemorySegment.ofArray(head));
    UUID writer = head(backend.place() + "/" + object.name(), head).writer();
    return new IndexObject.Line(
        new Pack(name, object.size(), writer, table.count()), table.prefixes());
  }

  /// The length of the sealed table, as the foot has it.
  static int tableLength(String file, byte[] foot, long length, StoreCipher cipher)
      throws IOException {
    if (!Arrays.equals(foot, 16, 24, END_MAGIC, 0, 8)) {
      throw CorruptImageException.at(
          file, "pack end magic", length - 8, shown(foot, 16), "CALCOpe2");
    }
    long count = LittleEndian.u32(foot, 4);
    if (count > PackTable.ENTRIES_MAX) {
      throw new LimitExceededException(
          "%s: a pack of %d pieces; at most %d are read"
              .formatted(file, count, PackTable.ENTRIES_MAX));
    }
    long expected = count * PackTable.ENTRY + cipher.overhead();
    long found = LittleEndian.u32(foot, 0);
    if (found != expected || found > length - HEAD - FOOT || LittleEndian.u32(foot, 12) != 0) {
      throw CorruptImageException.at(
          file, "pack table length", length - FOOT, found, expected + " for " + count + " pieces");
    }
    return (int) found;
  }

  /// Takes a sealed table apart.
  static PackTable table(
      String file, StoreCipher cipher, Head head, byte[] table, byte[] foot, long length)
      throws IOException {
    int sum = crc(head.bytes, table, 0, table.length);
    if (sum != LittleEndian.s32(foot, 8)) {
      throw CorruptImageException.at(
          file,
          "pack table CRC-32C",
          length - FOOT + 8,
          "0x%08x".formatted(LittleEndian.s32(foot, 8)),
          "0x%08x".formatted(sum));
    }
    try {
      byte[] entries = head.seal(cipher).open(StoreCipher.TABLE, table);
      return PackTable.of(file, entries, length - FOOT - table.length, cipher.overhead());
    } catch (GeneralSecurityException e) {
      throw new CorruptImageException(file + ": the pack is not sealed with this store's key");
    }
  }
}
