package io.calco.disk.partclone;

import io.calco.disk.HostFile;
import io.calco.disk.partclone.PartcloneHeader.MapKind;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;

/// The map of used blocks in slices, one bit for each block. A bounded number is held in memory,
/// enough for all of a map of 2 TiB in blocks of 4 KiB; of a larger map, others are read again.
///
/// Thread rule: safe.
final class MapSlices {
  /// Blocks in a slice.
  static final int BLOCKS = 1 << 15;

  private static final int WORDS = BLOCKS / Long.SIZE;

  /// 64 MiB.
  private static final int HELD = 16 << 10;

  private final HostFile file;
  private final MapKind kind;
  private final long mapOffset;
  private final long blocks;
  private final AtomicReferenceArray<long[]> slices;
  private final ReentrantLock lock = new ReentrantLock();

  /// The slices in memory, the oldest first; with the lock.
  private final ArrayDeque<Integer> held = new ArrayDeque<>();

  MapSlices(HostFile file, PartcloneHeader header) {
    this.file = file;
    this.kind = header.mapKind();
    this.mapOffset = header.mapOffset();
    this.blocks = header.totalBlocks();
    this.slices = new AtomicReferenceArray<>(Math.toIntExact(Math.ceilDiv(blocks, BLOCKS)));
  }

  /// How many there are.
  int count() {
    return slices.length();
  }

  /// Bytes of a whole slice in the file.
  int fileLength() {
    return kind == MapKind.BITS ? BLOCKS / Byte.SIZE : BLOCKS;
  }

  /// A slice's bits, read again if it is not held; not to be changed. Bits after the last block are
  /// 0.
  long[] get(int slice) throws IOException {
    long[] words = slices.get(slice);
    if (words != null) {
      return words;
    }
    long rest = blocks - (long) slice * BLOCKS;
    long length =
        Math.min(fileLength(), kind == MapKind.BITS ? Math.ceilDiv(rest, Byte.SIZE) : rest);
    MemorySegment bytes = MemorySegment.ofArray(new byte[(int) length]);
    file.read(mapOffset + (long) slice * fileLength(), bytes);
    return put(slice, decode(slice, bytes));
  }

  /// A slice's bits out of its bytes in the file.
  long[] decode(int slice, MemorySegment bytes) {
    long[] words = new long[WORDS];
    if (kind == MapKind.BITS) {
      decodeBits(bytes, words);
    } else {
      for (int i = 0; i < bytes.byteSize(); i++) {
        if (bytes.get(PartcloneLayout.U8, i) == 1) {
          words[i / Long.SIZE] |= 1L << i;
        }
      }
    }
    long rest = blocks - (long) slice * BLOCKS;
    if (rest < BLOCKS && rest % Long.SIZE != 0) {
      words[(int) rest / Long.SIZE] &= (1L << rest) - 1;
    }
    return words;
  }

  private static void decodeBits(MemorySegment bytes, long[] words) {
    int whole = (int) (bytes.byteSize() / Long.BYTES);
    for (int i = 0; i < whole; i++) {
      words[i] = bytes.get(PartcloneLayout.U64, (long) i * Long.BYTES);
    }
    for (int i = whole * Long.BYTES; i < bytes.byteSize(); i++) {
      words[whole] |= Byte.toUnsignedLong(bytes.get(PartcloneLayout.U8, i)) << i * Byte.SIZE;
    }
  }

  /// Holds a slice, letting the oldest go if there are too many.
  ///
  /// @return `words`
  long[] put(int slice, long[] words) {
    lock.lock();
    try {
      if (slices.getAndSet(slice, words) == null) {
        held.add(slice);
        if (held.size() > HELD) {
          slices.set(held.remove(), null);
        }
      }
      return words;
    } finally {
      lock.unlock();
    }
  }
}
