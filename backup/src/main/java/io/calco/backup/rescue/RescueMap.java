package io.calco.backup.rescue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/// What became of each byte of a disk: blocks that touch, neighbours never of one status.
///
/// Thread rule: confined, but reading it is safe for several threads while nobody changes it.
final class RescueMap {
  /// A run of one status.
  ///
  /// @param start first byte
  /// @param end the first byte behind it
  record Block(long start, long end, BlockStatus status) {
    long length() {
      return end - start;
    }
  }

  /// Ours: blocks that are told apart, some 100 MiB of them.
  static final int MOST = 1 << 20;

  private final long size;
  private final TreeMap<Long, BlockStatus> starts = new TreeMap<>();

  /// A map of a disk that nobody has tried.
  ///
  /// @param size in bytes, 0 or more
  RescueMap(long size) {
    this.size = size;
    if (size > 0) {
      starts.put(0L, BlockStatus.NON_TRIED);
    }
  }

  long size() {
    return size;
  }

  /// True when no more blocks can be told apart.
  boolean isFull() {
    return starts.size() >= MOST;
  }

  /// The block that a byte of the disk lies in.
  Block at(long offset) {
    Objects.checkIndex(offset, size);
    return block(starts.floorEntry(offset));
  }

  private Block block(Map.Entry<Long, BlockStatus> entry) {
    Long next = starts.higherKey(entry.getKey());
    return new Block(entry.getKey(), next == null ? size : next, entry.getValue());
  }

  /// Says what became of a run of the disk.
  void set(long start, long end, BlockStatus status) {
    Objects.checkFromToIndex(start, end, size);
    if (start == end) {
      return;
    }
    if (end < size) {
      starts.putIfAbsent(end, at(end).status());
    }
    starts.subMap(start, true, end, false).clear();
    Map.Entry<Long, BlockStatus> before = starts.lowerEntry(start);
    if (before == null || before.getValue() != status) {
      starts.put(start, status);
    }
    if (end < size && starts.get(end) == status) {
      starts.remove(end);
    }
  }

  /// The first run of a status within `[from, to)`.
  Optional<Block> first(BlockStatus status, long from, long to) {
    for (long at = from; at < to; ) {
      Block block = at(at);
      if (block.status() == status) {
        return Optional.of(new Block(at, Math.min(block.end(), to), status));
      }
      at = block.end();
    }
    return Optional.empty();
  }

  /// The last run of a status within `[from, to)`.
  Optional<Block> last(BlockStatus status, long from, long to) {
    for (long end = to; end > from; ) {
      Block block = at(end - 1);
      if (block.status() == status) {
        return Optional.of(new Block(Math.max(block.start(), from), end, status));
      }
      end = block.start();
    }
    return Optional.empty();
  }

  /// All blocks, ascending.
  List<Block> blocks() {
    List<Block> blocks = new ArrayList<>(starts.size());
    starts.entrySet().forEach(entry -> blocks.add(block(entry)));
    return blocks;
  }

  /// Bytes of a status.
  long bytes(BlockStatus status) {
    return blocks().stream()
        .filter(block -> block.status() == status)
        .mapToLong(Block::length)
        .sum();
  }
}
