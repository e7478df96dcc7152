package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.concurrent.locks.ReentrantLock;

/// Tables of 32- or 64-bit words in an image, read in slices as they are asked for and kept in
/// bounded memory: a table may be as large as its image says.
///
/// Thread rule: safe for several threads at once.
public final class TableSlices {
  /// Words in a slice; the slices of a table begin at its start.
  public static final int WORDS = 2048;

  private static final int SLICES_MAX = 512;

  private final HostFile file;
  private final String structure;
  private final ValueLayout layout;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Long, long[]> slices = new LinkedHashMap<>(64, 0.75f, true);

  private TableSlices(HostFile file, String structure, ValueLayout layout) {
    this.file = file;
    this.structure = structure;
    this.layout = layout;
  }

  /// Tables of unsigned 32-bit words.
  ///
  /// @param structure what the tables are, for messages
  public static TableSlices of(HostFile file, String structure, ValueLayout.OfInt words) {
    return new TableSlices(file, structure, words);
  }

  /// Tables of 64-bit words.
  ///
  /// @param structure what the tables are, for messages
  public static TableSlices of(HostFile file, String structure, ValueLayout.OfLong words) {
    return new TableSlices(file, structure, words);
  }

  /// The slice that holds word `index` at place `index % WORDS`. Not to be changed.
  ///
  /// @param tableOffset where the table begins in the file
  /// @param words words in the table; a last slice may be shorter
  /// @param index `0 <= index < words`
  /// @throws CorruptImageException when the file ends before the slice does
  public long[] slice(long tableOffset, long words, long index) throws IOException {
    long first = index - index % WORDS;
    int count = Math.toIntExact(Math.min(WORDS, words - first));
    long at = tableOffset + first * layout.byteSize();
    lock.lock();
    try {
      long[] slice = slices.get(at);
      if (slice == null || slice.length < count) {
        slice = read(at, count);
        if (slices.size() >= SLICES_MAX) {
          slices.pollFirstEntry();
        }
        slices.put(at, slice);
      }
      return slice;
    } finally {
      lock.unlock();
    }
  }

  /// Word `index` of a table.
  public long word(long tableOffset, long words, long index) throws IOException {
    return slice(tableOffset, words, index)[(int) (index % WORDS)];
  }

  private long[] read(long at, int count) throws IOException {
    long length = count * layout.byteSize();
    if (at < 0 || length > file.size() - at) {
      throw CorruptImageException.at(
          file.name(),
          structure,
          at,
          "the end of the file at 0x%x".formatted(file.size()),
          length + " bytes");
    }
    MemorySegment bytes = MemorySegment.ofArray(new byte[Math.toIntExact(length)]);
    file.read(at, bytes);
    long[] words = new long[count];
    for (int i = 0; i < count; i++) {
      words[i] =
          switch (layout) {
            case ValueLayout.OfInt narrow -> Integer.toUnsignedLong(bytes.getAtIndex(narrow, i));
            case ValueLayout.OfLong wide -> bytes.getAtIndex(wide, i);
            default -> throw new IllegalStateException("words of " + layout);
          };
    }
    return words;
  }
}
