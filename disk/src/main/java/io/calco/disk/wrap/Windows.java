package io.calco.disk.wrap;

import io.calco.disk.UnwrapOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The bytes that matches reach back to, kept for each place where unpacking can begin: the first
/// in memory, the others in a scratch file. Zeroes, as in a sparse disk, cost nothing. Thread rule:
/// safe.
final class Windows implements AutoCloseable {
  private static final int KEPT_BYTES = 8 << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final UnwrapOptions options;
  private final List<byte[]> inMemory = new ArrayList<>();
  private int keptBytes;
  private @Nullable Scratch scratch;
  private long scratchEnd;

  Windows(UnwrapOptions options) {
    this.options = options;
  }

  /// Bytes that were kept.
  ///
  /// @param length how many
  /// @param place where: an index in memory, or `-2 - offset` in the scratch file; -1 when all are
  ///   zeroes
  record Kept(int length, long place) {
    static final Kept NONE = new Kept(0, -1);
  }

  /// Keeps a copy of `length` bytes from `from` on.
  Kept keep(byte[] bytes, int from, int length) throws IOException {
    if (length == 0) {
      return Kept.NONE;
    }
    if (Arrays.mismatch(bytes, from, from + length, new byte[length], 0, length) == -1) {
      return new Kept(length, -1);
    }
    lock.lock();
    try {
      if (keptBytes + length <= KEPT_BYTES) {
        keptBytes += length;
        inMemory.add(Arrays.copyOfRange(bytes, from, from + length));
        return new Kept(length, inMemory.size() - 1L);
      }
      Scratch file = scratch;
      if (file == null) {
        file = Scratch.create(options);
        scratch = file;
      }
      long offset = scratchEnd;
      file.write(offset, MemorySegment.ofArray(bytes).asSlice(from, length));
      scratchEnd += length;
      return new Kept(length, -2 - offset);
    } finally {
      lock.unlock();
    }
  }

  /// Copies them so that they end before `end`.
  void restore(Kept kept, byte[] dst, int end) throws IOException {
    int from = end - kept.length();
    if (kept.place() == -1) {
      Arrays.fill(dst, from, end, (byte) 0);
      return;
    }
    lock.lock();
    try {
      Scratch file = scratch;
      if (kept.place() >= 0) {
        System.arraycopy(inMemory.get(Math.toIntExact(kept.place())), 0, dst, from, kept.length());
      } else if (file != null) {
        file.read(-2 - kept.place(), MemorySegment.ofArray(dst).asSlice(from, kept.length()));
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    Scratch file = scratch;
    if (file != null) {
      file.close();
    }
  }
}
