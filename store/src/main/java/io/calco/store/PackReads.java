package io.calco.store;

import io.calco.disk.ThreadEnd;
import io.calco.store.backend.Backend;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;

/// Reads in packs. Where each request takes a while, whatever it asks for, a pack that is read one
/// part after the other is read in larger blocks, of which a few are kept: what lies together on a
/// disk was packed together.
///
/// Thread rule: safe for several threads at once.
final class PackReads {
  /// Ours: a dozen chunks, and not long at 1 Gbit/s.
  private static final int BLOCK = 2 << 20;

  /// What readers side by side are at.
  private static final int BLOCKS = 8;

  /// Packs of which it is known where they were read last.
  private static final int PACKS = 64;

  private final Backend backend;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Block, FutureTask<byte[]>> blocks =
      new LinkedHashMap<>(BLOCKS * 2, 0.75f, true);
  private final LinkedHashMap<ChunkId, Long> ends = new LinkedHashMap<>(PACKS * 2, 0.75f, true);

  PackReads(Backend backend) {
    this.backend = backend;
  }

  private record Block(Pack pack, long number) {
    long start() {
      return number * BLOCK;
    }

    int length() {
      return (int) Math.min(BLOCK, pack.length() - start());
    }
  }

  /// Reads a part of a pack.
  ///
  /// @throws java.io.EOFException when it ends before
  void read(Pack pack, long offset, MemorySegment dst) throws IOException {
    boolean within = offset >= 0 && dst.byteSize() <= pack.length() - offset;
    if (!within || !backend.isElsewhere() || !goesOn(pack, offset, dst.byteSize())) {
      backend.get(pack.object(), offset, dst);
      return;
    }
    for (long done = 0; done < dst.byteSize(); ) {
      Block block = new Block(pack, (offset + done) / BLOCK);
      long from = offset + done - block.start();
      long part = Math.min(dst.byteSize() - done, block.length() - from);
      MemorySegment.copy(MemorySegment.ofArray(get(block)), from, dst, done, part);
      done += part;
    }
  }

  /// Whether something near it was read last, or a block of it is there.
  private boolean goesOn(Pack pack, long offset, long length) {
    lock.lock();
    try {
      Long before = ends.put(pack.name(), offset + length);
      if (ends.size() > PACKS) {
        ends.pollFirstEntry();
      }
      return before != null && Math.abs(offset - before) <= BLOCK
          || blocks.containsKey(new Block(pack, offset / BLOCK));
    } finally {
      lock.unlock();
    }
  }

  private byte[] get(Block block) throws IOException {
    FutureTask<byte[]> mine = new FutureTask<>(() -> fetch(block));
    FutureTask<byte[]> others;
    lock.lock();
    try {
      others = blocks.putIfAbsent(block, mine);
      if (blocks.size() > BLOCKS) {
        blocks.pollFirstEntry();
      }
    } finally {
      lock.unlock();
    }
    if (others == null) {
      mine.run();
      if (mine.state() != FutureTask.State.SUCCESS) {
        forget(block, mine);
      }
      return ThreadEnd.result(mine);
    }
    try {
      return ThreadEnd.result(others);
    } catch (IOException | RuntimeException theirs) { // whoever reads it may have been interrupted
      return fetch(block);
    }
  }

  private byte[] fetch(Block block) throws IOException {
    byte[] bytes = new byte[block.length()];
    backend.get(block.pack().object(), block.start(), MemorySegment.ofArray(bytes));
    return bytes;
  }

  /// Nothing that was read of a pack is kept: it was damaged there, or on its way.
  void forget(Pack pack) {
    lock.lock();
    try {
      blocks.keySet().removeIf(block -> block.pack().equals(pack));
    } finally {
      lock.unlock();
    }
  }

  private void forget(Block block, FutureTask<byte[]> failed) {
    lock.lock();
    try {
      blocks.remove(block, failed);
    } finally {
      lock.unlock();
    }
  }
}
