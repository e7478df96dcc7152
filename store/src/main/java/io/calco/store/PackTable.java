package io.calco.store;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;

/// What lies in a pack: an entry for each piece, in the order in which they lie one after the
/// other.
///
/// | bytes | |
/// |---|---|
/// | 0–31 | identity |
/// | 32–35 | length as stored, the seal's tag included |
/// | 36–39 | length unpacked |
/// | 40 | kind |
/// | 41 | codec |
/// | 42–43 | 0 |
/// | 44–47 | CRC-32C of the piece as stored |
///
/// Immutable.
final class PackTable {
  /// Bytes in an entry.
  static final int ENTRY = 48;

  /// Most pieces in a pack: the index numbers them with 16 bits.
  static final int ENTRIES_MAX = 32_768;

  /// Most bytes in a piece, unpacked.
  static final int PLAIN_MAX = 16 << 20;

  private final PackFormat.Head head;
  private final byte[] entries;
  private final long[] offsets;
  private final StoreCipher.Seal seal;

  private PackTable(PackFormat.Head head, byte[] entries, long[] offsets, StoreCipher.Seal seal) {
    this.head = head;
    this.entries = entries;
    this.offsets = offsets;
    this.seal = seal;
  }

  /// @param entries not changed afterwards
  /// @param end where the pieces must end in the pack
  /// @param seal the pack's
  static PackTable of(
      String file, PackFormat.Head head, byte[] entries, long end, StoreCipher.Seal seal)
      throws CorruptImageException {
    int overhead = seal.overhead();
    int count = entries.length / ENTRY;
    long[] offsets = new long[count + 1];
    long at = PackFormat.HEAD;
    for (int i = 0; i < count; i++) {
      offsets[i] = at;
      long stored = LittleEndian.u32(entries, i * ENTRY + 32);
      long plain = LittleEndian.u32(entries, i * ENTRY + 36);
      if (plain == 0 || plain > PLAIN_MAX || stored > plain + overhead || stored <= overhead) {
        throw CorruptImageException.at(
            file,
            "length of piece " + i,
            at,
            "%d bytes of %d".formatted(stored, plain),
            "1 to " + PLAIN_MAX);
      }
      at += stored;
    }
    offsets[count] = at;
    if (at != end) {
      throw CorruptImageException.at(file, "end of the pieces", end, at, end);
    }
    return new PackTable(head, entries, offsets, seal);
  }

  /// What an entry tells of a piece.
  ///
  /// @param stored its length as stored, in bytes
  /// @param plain its length unpacked
  /// @param sum CRC-32C of it as stored
  record Entry(Kind kind, ChunkId id, int codec, int stored, int plain, int sum) {
    void put(byte[] to, int at) {
      id.write(to, at);
      LittleEndian.put32(to, at + 32, stored);
      LittleEndian.put32(to, at + 36, plain);
      LittleEndian.put8(to, at + 40, kind.code());
      LittleEndian.put8(to, at + 41, codec);
      LittleEndian.put16(to, at + 42, 0);
      LittleEndian.put32(to, at + 44, sum);
    }
  }

  /// Of the pack, which its pieces are sealed with.
  PackFormat.Head head() {
    return head;
  }

  int count() {
    return offsets.length - 1;
  }

  /// Bytes of memory, about.
  int weight() {
    return entries.length + offsets.length * 8 + PackFormat.HEAD + 96;
  }

  ChunkId id(int slot) {
    return ChunkId.read(entries, slot * ENTRY);
  }

  /// Where a piece begins in the pack.
  long offset(int slot) {
    return offsets[slot];
  }

  int storedLength(int slot) {
    return (int) (offsets[slot + 1] - offsets[slot]);
  }

  int plainLength(int slot) {
    return LittleEndian.s32(entries, slot * ENTRY + 36);
  }

  /// The kind's number; not necessarily one that is known.
  int kind(int slot) {
    return LittleEndian.u8(entries, slot * ENTRY + 40);
  }

  int codec(int slot) {
    return LittleEndian.u8(entries, slot * ENTRY + 41);
  }

  /// CRC-32C of a piece as stored.
  int sum(int slot) {
    return LittleEndian.s32(entries, slot * ENTRY + 44);
  }

  /// What the pieces are sealed with, each under the number of its slot.
  StoreCipher.Seal seal() {
    return seal;
  }

  /// The first 8 bytes of all identities.
  long[] prefixes() {
    long[] prefixes = new long[count()];
    for (int i = 0; i < prefixes.length; i++) {
      prefixes[i] = io.calco.disk.bytes.BigEndian.s64(entries, i * ENTRY);
    }
    return prefixes;
  }

  byte[] entries() {
    return entries;
  }
}
