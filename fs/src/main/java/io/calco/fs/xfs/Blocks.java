package io.calco.fs.xfs;

import io.calco.disk.Disk;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The blocks of a file system by their linear numbers: metadata read through a cache and changed
/// in memory.
///
/// Changed blocks, and those a log that was not empty holds, stay here until they are written.
/// Between [#begin] and [#end] the content before each change is kept, so that [#rollback] undoes a
/// failed operation. Content of files bypasses the cache.
///
/// Arrays handed out must not be changed; [#put] takes new content.
final class Blocks {
  /// Bytes of clean blocks kept, ours.
  private static final long CACHE_BYTES = 32L << 20;

  /// Looks at a block that comes from the disk before anything else does.
  @FunctionalInterface
  interface Check {
    /// @throws IOException when the content cannot be right
    void check(byte[] content, long diskOffset) throws IOException;
  }

  /// The buffer of the log that a changed block is part of.
  ///
  /// @param start its first block
  /// @param count its blocks
  /// @param type what it holds, as log recovery names it
  record Buffer(long start, int count, int type) {}

  /// A block in memory.
  private static final class Cached {
    private final byte[] content;
    private boolean checked;

    Cached(byte[] content) {
      this.content = content;
    }
  }

  /// A changed block.
  private static final class Changed {
    private final byte[] content;
    private final Buffer buffer;

    Changed(byte[] content, Buffer buffer) {
      this.content = content;
      this.buffer = buffer;
    }
  }

  private final Disk disk;
  private final int blockBits;
  private final long count;
  private final LinkedHashMap<Long, Cached> clean;
  private final Map<Long, Changed> changed = new HashMap<>();
  private final Map<Long, java.util.Optional<Changed>> before = new HashMap<>();
  private boolean operation;

  Blocks(Disk disk, int blockBits, long count) {
    this.disk = disk;
    this.blockBits = blockBits;
    this.count = count;
    int capacity = (int) (CACHE_BYTES >> blockBits);
    this.clean =
        new LinkedHashMap<>(256, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<Long, Cached> eldest) {
            return size() > capacity;
          }
        };
  }

  Disk disk() {
    return disk;
  }

  int blockSize() {
    return 1 << blockBits;
  }

  private void checkRange(long block, long length) {
    if (block < 0 || length < 1 || block > count - length) {
      throw new IndexOutOfBoundsException("block " + block + " of " + count);
    }
  }

  /// The block's content, not to be changed.
  ///
  /// @param block below the number of blocks, which the caller has checked
  byte[] read(long block, Check check) throws IOException {
    Changed mine = changed.get(block);
    if (mine != null) {
      return mine.content;
    }
    Cached cached = clean.get(block);
    if (cached == null) {
      checkRange(block, 1);
      cached = new Cached(disk.readBytes(block << blockBits, blockSize()));
      clean.put(block, cached);
    }
    if (!cached.checked) {
      check.check(cached.content, block << blockBits);
      cached.checked = true;
    }
    return cached.content;
  }

  /// Several blocks' content as one, not checked, the caller's to change.
  byte[] copy(long block, int length) throws IOException {
    checkRange(block, length);
    prefetch(block, length);
    byte[] all = new byte[length << blockBits];
    for (int i = 0; i < length; i++) {
      Changed mine = changed.get(block + i);
      Cached cached = clean.get(block + i);
      byte[] content =
          mine != null
              ? mine.content
              : cached != null
                  ? cached.content
                  : disk.readBytes((block + i) << blockBits, blockSize());
      System.arraycopy(content, 0, all, i << blockBits, blockSize());
    }
    return all;
  }

  /// Brings a run of blocks into the cache with one reading.
  void prefetch(long block, int length) throws IOException {
    checkRange(block, length);
    if (length == 1 || clean.containsKey(block) || changed.containsKey(block)) {
      return;
    }
    byte[] all = disk.readBytes(block << blockBits, length << blockBits);
    for (int i = 0; i < length; i++) {
      if (!clean.containsKey(block + i)) {
        int at = i << blockBits;
        clean.put(block + i, new Cached(Arrays.copyOfRange(all, at, at + blockSize())));
      }
    }
  }

  /// Gives a block new content; what it was is kept until the operation ends.
  ///
  /// @param content one block, this class's from now on
  void put(long block, byte[] content, Buffer buffer) {
    checkRange(block, 1);
    keep(block);
    clean.remove(block);
    changed.put(block, new Changed(content, buffer));
  }

  private void keep(long block) {
    if (operation) {
      before.computeIfAbsent(block, key -> java.util.Optional.ofNullable(changed.get(key)));
    }
  }

  /// Drops blocks that are free now: their content does not matter any more.
  void drop(long block, long length) {
    if (length > clean.size() + (long) changed.size()) {
      List<Long> known = new ArrayList<>(changed.keySet());
      known.addAll(clean.keySet());
      known.stream().filter(at -> at >= block && at < block + length).forEach(this::drop);
      return;
    }
    for (long at = block; at < block + length; at++) {
      drop(at);
    }
  }

  private void drop(long block) {
    keep(block);
    changed.remove(block);
    clean.remove(block);
  }

  void begin() {
    operation = true;
    before.clear();
  }

  void end() {
    operation = false;
    before.clear();
  }

  /// Undoes every change since [#begin].
  void rollback() {
    before.forEach((block, was) -> {
      clean.remove(block);
      if (was.isPresent()) {
        changed.put(block, was.get());
      } else {
        changed.remove(block);
      }
    });
    end();
  }

  boolean isChanged() {
    return !changed.isEmpty();
  }

  /// True when the block's content stands here and not on the disk.
  boolean isChanged(long block) {
    return changed.containsKey(block);
  }

  int changedCount() {
    return changed.size();
  }

  /// The changed blocks' numbers, ascending.
  List<Long> changedNumbers() {
    List<Long> numbers = new ArrayList<>(changed.keySet());
    numbers.sort(null);
    return numbers;
  }

  /// The buffer that a changed block belongs to.
  Buffer buffer(long block) {
    return java.util.Objects.requireNonNull(changed.get(block)).buffer;
  }

  /// Takes the changed blocks for clean: they are on the disk.
  void written() {
    changed.forEach((block, content) -> {
      Cached cached = new Cached(content.content);
      cached.checked = true;
      clean.put(block, cached);
    });
    changed.clear();
  }

  /// Reads a run of a file's content.
  ///
  /// @param block the run's first block; the run lies in the file system
  /// @param from first byte from the start of that block
  void readContent(long block, long from, MemorySegment dst) throws IOException {
    disk.read((block << blockBits) + from, dst);
  }

  /// Writes content into blocks that were free on the disk at the last commit.
  void writeContent(long block, MemorySegment src) throws IOException {
    long length = (src.byteSize() + blockSize() - 1) >> blockBits;
    checkRange(block, length);
    drop(block, length);
    disk.write(block << blockBits, src);
  }
}
