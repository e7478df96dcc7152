package io.calco.fs.btrfs;

import io.calco.disk.CorruptImageException;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/// From logical addresses to places on this device.
final class ChunkMap {
  private final TreeMap<Long, Chunk> chunks = new TreeMap<>();
  private final long device;

  private ChunkMap(long device) {
    this.device = device;
  }

  /// The chunks that the superblock has copies of: enough to read the chunk tree.
  static ChunkMap ofSystem(Superblock superblock) throws CorruptImageException {
    ChunkMap map = new ChunkMap(superblock.deviceId());
    byte[] array = superblock.chunkArray();
    int at = 0;
    while (at < array.length) {
      int left = array.length - at - Keys.SIZE;
      if (left < 0 || Keys.type(array, at) != Keys.CHUNK_ITEM) {
        throw new CorruptImageException(
            "btrfs file system: superblock, sys_chunk_array, byte %d: no chunk".formatted(at));
      }
      int item = at + Keys.SIZE;
      int size = Chunk.size(array, item, left);
      map.add(Chunk.parse(array, item, Keys.offset(array, at), map.device));
      at = item + size;
    }
    return map;
  }

  /// Adds the chunk that an item of the chunk tree tells of.
  void add(Cursor item) throws CorruptImageException {
    Chunk.size(item.bytes(), item.at(), item.size());
    add(Chunk.parse(item.bytes(), item.at(), item.offset(), device));
  }

  private void add(Chunk chunk) throws CorruptImageException {
    Chunk same = chunks.get(chunk.logical());
    Map.Entry<Long, Chunk> below = chunks.lowerEntry(chunk.logical() + chunk.length());
    if (same == null && below != null && below.getValue().end() > chunk.logical()) {
      throw CorruptImageException.at(
          "btrfs file system", "chunk", chunk.logical(), "an overlap", "none");
    }
    if (same != null && same.length() != chunk.length()) {
      throw CorruptImageException.at(
          "btrfs file system", "chunk", chunk.logical(), chunk.length(), same.length());
    }
    chunks.put(chunk.logical(), chunk);
  }

  /// All, ascending.
  Collection<Chunk> all() {
    return chunks.values();
  }

  /// The chunk that a logical address lies in.
  Chunk at(long logical) throws CorruptImageException {
    Map.Entry<Long, Chunk> entry = chunks.floorEntry(logical);
    if (entry == null || logical >= entry.getValue().end()) {
      throw CorruptImageException.at(
          "btrfs file system", "logical address", logical, "no chunk", "one");
    }
    return entry.getValue();
  }
}
