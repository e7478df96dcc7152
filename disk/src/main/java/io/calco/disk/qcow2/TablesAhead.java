package io.calco.disk.qcow2;

import io.calco.disk.HostFile;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/// Reads L2 tables in a given order, many of them on another thread while the ones before are
/// looked at. Confined to the thread that made it.
final class TablesAhead implements AutoCloseable {
  private static final int BATCH_BYTES = 1 << 20;
  private static final int BATCHES = 4;

  /// Some tables, one after the other.
  private static final class Batch {
    final long[] words;
    @Nullable IOException failure;

    Batch(int words) {
      this.words = new long[words];
    }
  }

  private final HostFile file;
  private final long fileSize;
  private final long[] offsets;
  private final int tableWords;
  private final int batchTables;
  private final BlockingQueue<Batch> filled = new ArrayBlockingQueue<>(BATCHES);
  private final BlockingQueue<Batch> free = new ArrayBlockingQueue<>(BATCHES);
  private final @Nullable Thread reader;
  private @Nullable Batch current;
  private int next;

  /// @param offsets where the tables lie; what lies beyond the end of the file reads as zeroes
  TablesAhead(HostFile file, int tableBytes, long[] offsets) throws IOException {
    this.file = file;
    this.fileSize = file.size();
    this.offsets = offsets;
    this.tableWords = tableBytes / 8;
    this.batchTables = Math.clamp(BATCH_BYTES / tableBytes, 1, Math.max(1, offsets.length));
    if (offsets.length > batchTables) {
      for (int i = 0; i < BATCHES; i++) {
        free.add(new Batch(batchTables * tableWords));
      }
      reader = Thread.ofPlatform().daemon().name("calco-tables").start(this::readAll);
    } else {
      reader = null;
    }
  }

  private void readAll() {
    try {
      for (int first = 0; first < offsets.length; first += batchTables) {
        Batch batch = free.take();
        try {
          fill(batch, first);
        } catch (IOException e) {
          batch.failure = e;
        }
        filled.put(batch);
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void fill(Batch batch, int first) throws IOException {
    MemorySegment all = MemorySegment.ofArray(batch.words);
    int end = Math.min(offsets.length, first + batchTables);
    for (int i = first; i < end; ) {
      int run = i + 1;
      while (run < end && offsets[run] == offsets[run - 1] + 8L * tableWords) {
        run++;
      }
      long wanted = 8L * tableWords * (run - i);
      long present = Math.clamp(fileSize - offsets[i], 0, wanted) & -8;
      int from = (i - first) * tableWords;
      if (present > 0) {
        file.read(offsets[i], all.asSlice(8L * from, present));
      }
      Arrays.fill(batch.words, from + (int) (present / 8), from + (int) (wanted / 8), 0);
      i = run;
    }
  }

  /// Takes the next table: [#words] has it from [#start] on, in the byte order of the file.
  void advance() throws IOException {
    if (next % batchTables == 0) {
      takeBatch();
    }
    next++;
  }

  private void takeBatch() throws IOException {
    Batch batch = current;
    if (reader == null) {
      batch = new Batch(batchTables * tableWords);
      fill(batch, next);
    } else {
      try {
        if (batch != null) {
          free.put(batch);
        }
        batch = filled.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while reading L2 tables");
      }
      if (batch.failure != null) {
        throw batch.failure;
      }
    }
    current = batch;
  }

  long[] words() {
    return java.util.Objects.requireNonNull(current).words;
  }

  int start() {
    return (next - 1) % batchTables * tableWords;
  }

  /// Ends the other thread.
  @Override
  public void close() {
    if (reader != null) {
      reader.interrupt();
    }
  }
}
