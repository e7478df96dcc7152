package io.calco.store;

import java.util.Arrays;

/// Where pieces lie: by the first 44 bits of their identity, the packs that may hold them. 10 bytes
/// a piece and at most 3/8 more: a table for each of 4,096 values of the first 12 bits, which grows
/// by itself and so never needs twice the memory of all, and in it the 32 bits after these.
///
/// Two identities may begin alike, by chance or because somebody made them so: the caller compares
/// the whole identity with the pack's table.
///
/// Confined: the owner locks.
final class ChunkIndex {
  private static final int SHARD_BITS = 12;
  private static final int FIRST = 8;
  private static final long[] NONE = {};

  /// Open addressing with linear probing; a pack of 0 is a free place.
  private static final class Shard {
    int[] keys = new int[FIRST];
    int[] packs = new int[FIRST];
    char[] slots = new char[FIRST];
    int size;

    int place(int key) {
      return (int) (Integer.toUnsignedLong(key) * keys.length >>> 32);
    }

    void add(int key, int pack, char slot) {
      if (size * 8L >= keys.length * 7L) {
        grow();
      }
      int at = place(key);
      while (packs[at] != 0) {
        at = at + 1 == keys.length ? 0 : at + 1;
      }
      keys[at] = key;
      packs[at] = pack;
      slots[at] = slot;
      size++;
    }

    private void grow() {
      Shard larger = new Shard();
      int length = keys.length + Math.max(FIRST, keys.length / 5);
      larger.keys = new int[length];
      larger.packs = new int[length];
      larger.slots = new char[length];
      for (int i = 0; i < keys.length; i++) {
        if (packs[i] != 0) {
          larger.add(keys[i], packs[i], slots[i]);
        }
      }
      keys = larger.keys;
      packs = larger.packs;
      slots = larger.slots;
    }
  }

  private final Shard[] shards = new Shard[1 << SHARD_BITS];

  ChunkIndex() {
    Arrays.setAll(shards, i -> new Shard());
  }

  private Shard shard(long prefix) {
    return shards[(int) (prefix >>> 64 - SHARD_BITS)];
  }

  /// What a shard knows a piece by: the bits after those that chose the shard.
  private static int key(long prefix) {
    return (int) (prefix << SHARD_BITS >>> 32);
  }

  /// @param pack its number, at least 1
  /// @param slot the piece's place in the pack's table
  void add(long prefix, int pack, int slot) {
    shard(prefix).add(key(prefix), pack, (char) slot);
  }

  /// Everywhere a piece that begins so may lie, as [#at] packs it.
  long[] find(long prefix) {
    Shard shard = shard(prefix);
    int key = key(prefix);
    long[] found = NONE;
    int at = shard.place(key);
    while (shard.packs[at] != 0) {
      if (shard.keys[at] == key) {
        found = Arrays.copyOf(found, found.length + 1);
        found[found.length - 1] = at(shard.packs[at], shard.slots[at]);
      }
      at = at + 1 == shard.keys.length ? 0 : at + 1;
    }
    return found;
  }

  /// A place as one number.
  static long at(int pack, int slot) {
    return (long) pack << 16 | slot;
  }

  static int pack(long at) {
    return (int) (at >>> 16);
  }

  static int slot(long at) {
    return (int) (at & 0xffff);
  }
}
