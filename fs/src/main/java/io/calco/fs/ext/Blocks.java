package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.bytes.BigEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The blocks of a file system: read through a cache, changed in memory.
///
/// Metadata is changed by [#edit] and [#create]; changed blocks stay here until [Transaction]
/// writes them. Between [#begin] and [#end] the content before each change is kept, so that
/// [#rollback] undoes a failed operation as if it had not begun. Content of files bypasses the
/// cache.
///
/// Arrays handed out by [#read] must not be changed, and none may be kept over another call here
/// but those of blocks changed in the same operation.
final class Blocks {
  /// Bytes of clean blocks kept, ours.
  private static final long CACHE_BYTES = 16L << 20;

  /// Where replayed content of a block lies in the journal.
  ///
  /// @param block the journal's block with the content
  /// @param escaped its first four bytes were the journal's magic and were zeroed
  record Replayed(long block, boolean escaped) {}

  /// Looks at a block that comes from the disk before anything else does.
  @FunctionalInterface
  interface Check {
    /// No check.
    Check NONE = (block, content) -> {};

    /// @throws IOException when the content cannot be right
    void check(long block, byte[] content) throws IOException;
  }

  /// What a block was before the operation changed it.
  private static final class Before {
    private final byte[] content;
    private final boolean changed;

    Before(byte[] content, boolean changed) {
      this.content = content;
      this.changed = changed;
    }
  }

  private final Disk disk;
  private final int blockBits;
  private final long count;
  private final Map<Long, Replayed> replayed;
  private final LinkedHashMap<Long, byte[]> clean;
  private final Map<Long, byte[]> changed = new HashMap<>();
  private final Map<Long, Before> before = new HashMap<>();
  private boolean operation;

  Blocks(Disk disk, int blockBits, long count, Map<Long, Replayed> replayed) {
    this.disk = disk;
    this.blockBits = blockBits;
    this.count = count;
    this.replayed = replayed;
    int capacity = (int) (CACHE_BYTES >> blockBits);
    this.clean =
        new LinkedHashMap<>(256, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<Long, byte[]> eldest) {
            return size() > capacity;
          }
        };
  }

  int blockSize() {
    return 1 << blockBits;
  }

  Disk disk() {
    return disk;
  }

  /// The block's content, not to be changed.
  byte[] read(long block, Check check) throws IOException {
    byte[] content = changed.get(block);
    if (content == null) {
      content = clean.get(block);
    }
    if (content == null) {
      content = load(block);
      check.check(block, content);
      clean.put(block, content);
    }
    return content;
  }

  private byte[] load(long block) throws IOException {
    checkBlock(block);
    byte[] content = new byte[blockSize()];
    readFromDisk(block, MemorySegment.ofArray(content), 0);
    return content;
  }

  private void readFromDisk(long block, MemorySegment dst, int from) throws IOException {
    Replayed copy = replayed.get(block);
    if (copy == null) {
      disk.read((block << blockBits) + from, dst);
      return;
    }
    byte[] content = disk.readBytes(copy.block() << blockBits, blockSize());
    if (copy.escaped()) {
      BigEndian.put32(content, 0, JournalFormat.MAGIC);
    }
    MemorySegment.copy(MemorySegment.ofArray(content), from, dst, 0, dst.byteSize());
  }

  private void checkBlock(long block) throws CorruptImageException {
    if (block < 0 || block >= count) {
      throw CorruptImageException.at(
          "ext file system", "block number", block << blockBits, block, "a block below " + count);
    }
  }

  /// The block's content, to be changed; what it was is kept until the operation ends.
  byte[] edit(long block, Check check) throws IOException {
    byte[] content = changed.get(block);
    boolean wasChanged = content != null;
    if (content == null) {
      content = read(block, check);
      clean.remove(block);
      changed.put(block, content);
    }
    if (operation && !before.containsKey(block)) {
      before.put(block, new Before(content.clone(), wasChanged));
    }
    return content;
  }

  /// The block with all-zero content, to be filled. What lies on the disk is not read.
  byte[] create(long block) throws IOException {
    checkBlock(block);
    byte[] old = changed.get(block);
    if (operation && !before.containsKey(block)) {
      before.put(block, new Before(old == null ? new byte[0] : old.clone(), old != null));
    }
    clean.remove(block);
    byte[] content = new byte[blockSize()];
    changed.put(block, content);
    return content;
  }

  /// Drops blocks: they are free, and their content does not matter any more.
  void forget(long first, long length) {
    if (length <= clean.size() + (long) changed.size()) {
      for (long block = first; block < first + length; block++) {
        forget(block);
      }
      return;
    }
    List<Long> known = new ArrayList<>(changed.keySet());
    known.addAll(clean.keySet());
    for (long block : known) {
      if (block >= first && block < first + length) {
        forget(block);
      }
    }
  }

  private void forget(long block) {
    byte[] old = changed.remove(block);
    if (operation && old != null && !before.containsKey(block)) {
      before.put(block, new Before(old.clone(), true));
    }
    clean.remove(block);
  }

  /// Says that blocks were moved: what is changed of them goes with them.
  void moved(long from, long to, long length) {
    forget(to, length);
    List<Long> numbers =
        changed.keySet().stream().filter(block -> block >= from && block < from + length).toList();
    for (long block : numbers) {
      changed.put(to + (block - from), java.util.Objects.requireNonNull(changed.remove(block)));
    }
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
      if (was.changed) {
        changed.put(block, was.content);
      } else {
        changed.remove(block);
      }
    });
    end();
  }

  /// The changed blocks, live.
  Map<Long, byte[]> changed() {
    return changed;
  }

  /// Takes the changed blocks for clean: they are on the disk.
  void written() {
    clean.putAll(changed);
    changed.clear();
  }

  /// Reads a run of a file's content.
  ///
  /// @param from first byte in the first block
  void readContent(long block, long from, MemorySegment dst) throws IOException {
    long last = block + ((from + dst.byteSize() - 1) >> blockBits);
    checkBlock(block);
    checkBlock(last);
    if (changed.isEmpty() && replayed.isEmpty()) {
      disk.read((block << blockBits) + from, dst);
      return;
    }
    if (noneInMemory(block, last)) {
      disk.read((block << blockBits) + from, dst);
      return;
    }
    long done = 0;
    while (done < dst.byteSize()) {
      long at = block + ((from + done) >> blockBits);
      int in = (int) ((from + done) & (blockSize() - 1));
      long part = Math.min(blockSize() - in, dst.byteSize() - done);
      byte[] content = changed.get(at);
      if (content != null) {
        MemorySegment.copy(MemorySegment.ofArray(content), in, dst, done, part);
      } else {
        readFromDisk(at, dst.asSlice(done, part), in);
      }
      done += part;
    }
  }

  private boolean noneInMemory(long first, long last) {
    for (long block = first; block <= last; block++) {
      if (changed.containsKey(block) || replayed.containsKey(block)) {
        return false;
      }
    }
    return true;
  }

  /// Writes content into blocks that were free on the disk at the last commit.
  void writeContent(long block, MemorySegment src) throws IOException {
    checkBlock(block);
    checkBlock(block + ((src.byteSize() - 1) >> blockBits));
    for (long at = block; at <= block + ((src.byteSize() - 1) >> blockBits); at++) {
      clean.remove(at);
      changed.remove(at);
    }
    disk.write(block << blockBits, src);
  }

  /// The changed blocks' numbers, ascending.
  List<Long> changedNumbers() {
    List<Long> numbers = new ArrayList<>(changed.keySet());
    numbers.sort(null);
    return numbers;
  }
}
