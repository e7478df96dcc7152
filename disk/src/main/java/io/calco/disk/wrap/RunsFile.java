package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import io.calco.disk.ReadOnlyFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Runs of another file's bytes, put together with holes between them: a member of an archive.
/// Thread rule: as [HostFile].
final class RunsFile extends ReadOnlyFile {
  /// A run of bytes; what lies between two reads as zeroes.
  ///
  /// @param offset where it begins in this file
  /// @param length at least 1
  /// @param source where it begins in the other
  record Run(long offset, long length, long source) {
    long end() {
      return offset + length;
    }
  }

  private final HostFile file;
  private final List<Run> runs;
  private final long size;
  private final boolean owning;

  private RunsFile(String name, HostFile file, List<Run> runs, long size, boolean owning) {
    super(name);
    this.file = file;
    this.runs = List.copyOf(runs);
    this.size = size;
    this.owning = owning;
  }

  /// @param file where the bytes lie; stays the caller's
  /// @param runs ascending, apart from each other, within `size`
  static RunsFile of(String name, HostFile file, List<Run> runs, long size) {
    return new RunsFile(name, file, runs, size, false);
  }

  /// The same, with which the other file is closed.
  RunsFile owning() {
    return new RunsFile(name(), file, runs, size, true);
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    long length = dst.byteSize();
    if (offset < 0 || offset > size || length > size - offset) {
      throw endsBefore(size, offset + length);
    }
    int index = runAt(offset);
    for (long done = 0; done < length; ) {
      long at = offset + done;
      long n = length - done;
      if (index == runs.size() || runs.get(index).offset() > at) {
        n = index == runs.size() ? n : Math.min(n, runs.get(index).offset() - at);
        dst.asSlice(done, n).fill((byte) 0);
      } else {
        Run run = runs.get(index);
        n = Math.min(n, run.end() - at);
        file.read(run.source() + at - run.offset(), dst.asSlice(done, n));
        index++;
      }
      done += n;
    }
  }

  /// The first run that ends after `offset`; as many as there are when none does.
  private int runAt(long offset) {
    int low = 0;
    int high = runs.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (runs.get(middle).end() > offset) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  @Override
  public long nextData(long offset) throws IOException {
    for (int i = runAt(offset); i < runs.size(); i++) {
      Run run = runs.get(i);
      long within = Math.max(offset - run.offset(), 0);
      long found = file.nextData(run.source() + within) - run.source();
      if (found < run.length()) {
        return run.offset() + found;
      }
    }
    return size;
  }

  @Override
  public long nextHole(long offset) throws IOException {
    long at = offset;
    for (int i = runAt(offset); i < runs.size(); i++) {
      Run run = runs.get(i);
      if (run.offset() > at) {
        return at;
      }
      long found = file.nextHole(run.source() + at - run.offset()) - run.source();
      if (found < run.length()) {
        return run.offset() + found;
      }
      at = run.end();
    }
    return Math.min(at, size);
  }

  @Override
  public long allocatedSize() {
    return runs.stream().mapToLong(Run::length).sum();
  }

  @Override
  public void close() throws IOException {
    if (owning) {
      file.close();
    }
  }
}
