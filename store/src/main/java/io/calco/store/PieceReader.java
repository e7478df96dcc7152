package io.calco.store;

import io.calco.disk.CorruptImageException;
import io.calco.store.backend.Backend;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.security.GeneralSecurityException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Reads pieces, and compares them with their sums as they are stored, which finds what a medium
/// changes. Pages and records, which all else hangs on, are compared with their identities too; and
/// so is every piece that is copied or verified.
///
/// Thread rule: safe for several threads at once.
final class PieceReader {
  private static final String OTHER_BYTES = "its bytes are others";
  private static final String BROKEN_SEAL = "its seal is broken";

  /// Ours: as many as read at once from where each request takes a while.
  private static final int PACKED_KEPT = 8;

  private final Backend backend;
  private final StoreCipher cipher;
  private final Inventory inventory;
  private final PackReads packs;

  /// Memory for packed chunks, used again.
  private final ArrayBlockingQueue<ByteBuffer> packed = new ArrayBlockingQueue<>(PACKED_KEPT);

  PieceReader(Backend backend, StoreCipher cipher, Inventory inventory) {
    this.backend = backend;
    this.cipher = cipher;
    this.inventory = inventory;
    this.packs = new PackReads(backend);
  }

  /// The bytes of a piece.
  ///
  /// @throws CorruptImageException when it is not there, or not as it was written
  byte[] read(Kind kind, ChunkId id) throws IOException {
    return find(
        kind,
        id,
        place -> kind == Kind.DATA ? readAt(kind, id, place) : readCompared(kind, id, place));
  }

  /// As [#read], compared with its identity whatever it is.
  byte[] readCompared(Kind kind, ChunkId id) throws IOException {
    return find(kind, id, place -> readCompared(kind, id, place));
  }

  /// A piece as it was packed, before it was sealed, and its bytes, which were compared with its
  /// identity.
  static final class PackedPiece {
    final int codec;
    final byte[] packed;
    final byte[] plain;

    PackedPiece(int codec, byte[] packed, byte[] plain) {
      this.codec = codec;
      this.packed = packed;
      this.plain = plain;
    }
  }

  /// As [#readCompared(Kind, ChunkId)], with what its bytes were packed to.
  PackedPiece readPacked(Kind kind, ChunkId id) throws IOException {
    return find(kind, id, place -> readPacked(kind, id, place));
  }

  /// The same of a piece in one pack.
  PackedPiece readPacked(Kind kind, ChunkId id, Inventory.Place place) throws IOException {
    byte[] packed = packedAt(kind, id, place);
    byte[] plain = compared(kind, id, place, unpacked(kind, id, place, packed));
    return new PackedPiece(place.table().codec(place.slot()), packed, plain);
  }

  /// Reads a chunk into memory outside the heap.
  ///
  /// @param dst as many bytes as the chunk has, all of them
  /// @throws CorruptImageException as [#read]; also when the chunk has another length
  void read(ChunkId id, ByteBuffer dst) throws IOException {
    find(
        Kind.DATA,
        id,
        place -> {
          readAt(id, place, dst);
          return dst;
        });
  }

  /// True when a piece has these bytes.
  boolean isPiece(Kind kind, ChunkId id, ByteBuffer bytes) {
    return cipher.identify(kind, bytes).equals(id);
  }

  private interface PlaceReader<T> {
    T read(Inventory.Place place) throws IOException;
  }

  private <T> T find(Kind kind, ChunkId id, PlaceReader<T> places) throws IOException {
    T found = findKnown(id, places);
    if (found == null) {
      // Another process may have added it, or moved it to another pack.
      inventory.refresh();
      found = findKnown(id, places);
    }
    if (found == null) {
      throw missing(kind, id);
    }
    return found;
  }

  CorruptImageException missing(Kind kind, ChunkId id) {
    return new CorruptImageException(
        "%s: the %s %s is not in the store"
            .formatted(backend.place(), kind.name().toLowerCase(java.util.Locale.ROOT), id));
  }

  private <T> @Nullable T findKnown(ChunkId id, PlaceReader<T> places) throws IOException {
    CorruptImageException damaged = null;
    try {
      for (Inventory.Place place : inventory.findAll(id)) {
        try {
          return places.read(place);
        } catch (NoSuchFileException moved) {
          // Another place may have it.
        } catch (CorruptImageException e) {
          damaged = e;
        }
      }
    } catch (NoSuchFileException gone) {
      return null;
    }
    if (damaged != null) {
      throw damaged;
    }
    return null;
  }

  /// The bytes of a piece in one pack, compared with its identity.
  byte[] readCompared(Kind kind, ChunkId id, Inventory.Place place) throws IOException {
    return compared(kind, id, place, readAt(kind, id, place));
  }

  private byte[] compared(Kind kind, ChunkId id, Inventory.Place place, byte[] plain)
      throws CorruptImageException {
    if (!cipher.identify(kind, plain, plain.length).equals(id)) {
      throw damaged(kind, id, place, OTHER_BYTES);
    }
    return plain;
  }

  private byte[] readAt(Kind kind, ChunkId id, Inventory.Place place) throws IOException {
    return unpacked(kind, id, place, packedAt(kind, id, place));
  }

  private byte[] packedAt(Kind kind, ChunkId id, Inventory.Place place) throws IOException {
    byte[] stored = new byte[place.table().storedLength(place.slot())];
    get(place, MemorySegment.ofArray(stored));
    checkSum(kind, id, place, ByteBuffer.wrap(stored));
    try {
      return place.table().seal().open(place.slot(), stored);
    } catch (GeneralSecurityException e) {
      throw damaged(kind, id, place, BROKEN_SEAL);
    }
  }

  /// Reads a piece as it is stored.
  private void get(Inventory.Place place, MemorySegment dst) throws IOException {
    Pack pack = place.pack();
    try {
      packs.read(pack, place.table().offset(place.slot()), dst);
    } catch (EOFException e) {
      throw new CorruptImageException(backend.place() + "/" + pack.object() + ": ends early");
    }
  }

  private void readAt(ChunkId id, Inventory.Place place, ByteBuffer dst) throws IOException {
    PackTable table = place.table();
    int slot = place.slot();
    int stored = table.storedLength(slot);
    boolean raw = table.codec(slot) == Codec.RAW;
    if (table.plainLength(slot) != dst.remaining()
        || raw && stored != dst.remaining() + cipher.overhead()) {
      throw damaged(Kind.DATA, id, place, "it has another length");
    }
    if (raw && !cipher.encrypts()) {
      get(place, MemorySegment.ofBuffer(dst));
      checkSum(Kind.DATA, id, place, dst);
      return;
    }
    ByteBuffer kept = packed.poll();
    ByteBuffer memory =
        kept == null || kept.capacity() < stored ? ByteBuffer.allocateDirect(stored) : kept;
    try {
      ByteBuffer bytes = memory.clear().limit(stored);
      get(place, MemorySegment.ofBuffer(bytes));
      ByteBuffer plain = open(Kind.DATA, id, place, bytes, dst);
      if (raw) {
        dst.duplicate().put(plain);
      }
    } finally {
      packed.offer(memory);
    }
  }

  /// Opens, unpacks and compares a piece whose stored bytes were read, all outside the heap.
  ///
  /// @param stored used up
  /// @param room for its bytes, as many as the pack's table says
  void compare(Kind kind, ChunkId id, Inventory.Place place, ByteBuffer stored, ByteBuffer room)
      throws CorruptImageException {
    if (!isPiece(kind, id, open(kind, id, place, stored, room))) {
      throw damaged(kind, id, place, OTHER_BYTES);
    }
  }

  /// The bytes of a piece: in one of the two.
  private ByteBuffer open(
      Kind kind, ChunkId id, Inventory.Place place, ByteBuffer stored, ByteBuffer room)
      throws CorruptImageException {
    PackTable table = place.table();
    checkSum(kind, id, place, stored);
    try {
      ByteBuffer opened = table.seal().open(place.slot(), stored);
      return Codec.unpack(table.codec(place.slot()), opened, room);
    } catch (GeneralSecurityException e) {
      throw damaged(kind, id, place, BROKEN_SEAL);
    } catch (Codec.DamagedException e) {
      throw damaged(kind, id, place, e.getMessage());
    }
  }

  /// @param stored keeps its position
  private void checkSum(Kind kind, ChunkId id, Inventory.Place place, ByteBuffer stored)
      throws CorruptImageException {
    CRC32C sum = new CRC32C();
    sum.update(stored.duplicate());
    if ((int) sum.getValue() != place.table().sum(place.slot())) {
      throw damaged(kind, id, place, "its bytes are others than its sum says");
    }
  }

  private byte[] unpacked(Kind kind, ChunkId id, Inventory.Place place, byte[] packed)
      throws CorruptImageException {
    PackTable table = place.table();
    try {
      return Codec.unpack(table.codec(place.slot()), packed, table.plainLength(place.slot()));
    } catch (Codec.DamagedException e) {
      throw damaged(kind, id, place, e.getMessage());
    }
  }

  private CorruptImageException damaged(
      Kind kind, ChunkId id, Inventory.Place place, @Nullable String why) {
    packs.forget(place.pack());
    return new CorruptImageException(
        "%s/%s: %s %s at 0x%x is damaged: %s"
            .formatted(
                backend.place(),
                place.pack().object(),
                kind.name().toLowerCase(java.util.Locale.ROOT),
                id,
                place.table().offset(place.slot()),
                why));
  }
}
