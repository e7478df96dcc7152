package io.calco.disk.wrap;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import java.util.ArrayList;
import java.util.List;

/// The map of a sparse file in a tar: which runs of it are there, one after the other.
final class SparseMap {
  /// Ours: 4 TiB of alternating megabytes would need half as many.
  private static final int RUN_LIMIT = 1 << 20;

  private record Entry(long offset, long length) {}

  private final String file;
  private final List<Entry> entries = new ArrayList<>();
  private long end;
  private long packed;

  SparseMap(String file) {
    this.file = file;
  }

  /// Takes the next run.
  ///
  /// @param at where in the tar it is said
  void add(long offset, long length, long at) throws CorruptImageException {
    if (offset < end || length < 0 || length > Long.MAX_VALUE - offset) {
      throw CorruptImageException.at(
          file,
          "sparse map",
          at,
          "%d bytes at 0x%x".formatted(length, offset),
          "a run behind 0x%x".formatted(end));
    }
    end = offset + length;
    packed += length;
    if (length > 0) {
      entries.add(new Entry(offset, length));
    }
  }

  /// Takes up to a count of entries, which must be sane.
  void expect(long count) throws LimitExceededException {
    if (count < 0 || count > RUN_LIMIT) {
      throw new LimitExceededException(
          "%s: a sparse file of more than %d runs in a tar (our limit)".formatted(file, RUN_LIMIT));
    }
  }

  /// Entries so far.
  int count() {
    return entries.size();
  }

  /// The runs, lying one after the other from `data` on.
  ///
  /// @param length bytes there
  /// @param size of the file, with holes
  List<RunsFile.Run> runs(long data, long length, long size) throws CorruptImageException {
    if (end > size || packed > length) {
      throw CorruptImageException.at(
          file,
          "sparse map",
          data,
          "%d bytes that end at 0x%x".formatted(packed, end),
          "at most %d, within %d".formatted(length, size));
    }
    List<RunsFile.Run> runs = new ArrayList<>();
    long source = data;
    for (Entry entry : entries) {
      runs.add(new RunsFile.Run(entry.offset(), entry.length(), source));
      source += entry.length();
    }
    return runs;
  }
}
