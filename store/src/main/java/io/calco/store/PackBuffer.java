package io.calco.store;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/// The bytes of a pack being filled, outside the heap, so that they are written without another
/// copy. Confined.
final class PackBuffer {
  private static final int BLOCK = 1 << 20;

  /// Memory for packs: blocks that are used again.
  ///
  /// Thread rule: safe for several threads at once.
  static final class Pool implements AutoCloseable {
    /// Blocks kept while no pack needs them: one and a half packs.
    private static final int KEPT = 48;

    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Block> idle = new ArrayDeque<>();
    private boolean closed;

    private Block take() {
      lock.lock();
      try {
        Block kept = idle.poll();
        if (kept != null) {
          return kept;
        }
      } finally {
        lock.unlock();
      }
      Arena arena = Arena.ofShared();
      return new Block(arena, arena.allocate(BLOCK));
    }

    private void giveBack(Block block) {
      lock.lock();
      try {
        if (!closed && idle.size() < KEPT) {
          idle.push(block);
          return;
        }
      } finally {
        lock.unlock();
      }
      block.arena.close();
    }

    /// What is in use still is freed when it is given back.
    @Override
    public void close() {
      lock.lock();
      try {
        closed = true;
        idle.forEach(block -> block.arena.close());
        idle.clear();
      } finally {
        lock.unlock();
      }
    }
  }

  private record Block(Arena arena, MemorySegment memory) {}

  private final Pool pool;
  private final List<Block> blocks = new ArrayList<>();
  private long length;

  PackBuffer(Pool pool) {
    this.pool = pool;
  }

  /// Bytes in it.
  long length() {
    return length;
  }

  /// Adds the first `count` bytes.
  void append(byte[] bytes, int count) {
    MemorySegment from = MemorySegment.ofArray(bytes);
    int done = 0;
    while (done < count) {
      int within = (int) (length % BLOCK);
      if (within == 0) {
        blocks.add(pool.take());
      }
      int part = Math.min(count - done, BLOCK - within);
      MemorySegment.copy(from, done, blocks.getLast().memory, within, part);
      done += part;
      length += part;
    }
  }

  /// All of it, one part after the other.
  List<MemorySegment> parts() {
    List<MemorySegment> parts = new ArrayList<>(blocks.size() + 1);
    long left = length;
    for (Block block : blocks) {
      parts.add(block.memory.asSlice(0, Math.min(left, BLOCK)));
      left -= BLOCK;
    }
    return parts;
  }

  /// Gives the memory back; the parts must not be used any more.
  void release() {
    blocks.forEach(pool::giveBack);
    blocks.clear();
    length = 0;
  }
}
