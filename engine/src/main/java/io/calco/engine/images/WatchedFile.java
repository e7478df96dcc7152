package io.calco.engine.images;

import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.ReadOnlyFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/// A file that is read for so long and no longer: what a stranger's image makes of our time is
/// bounded.
public final class WatchedFile extends ReadOnlyFile {
  private final HostFile file;
  private final BooleanSupplier stopped;
  private final long deadline;

  /// Reads a file for so long.
  ///
  /// @param file is closed with this
  /// @param most from now on
  /// @param stopped whether all reads shall fail from now on
  public WatchedFile(HostFile file, Duration most, BooleanSupplier stopped) {
    super(file.name());
    this.file = file;
    this.stopped = stopped;
    this.deadline = System.nanoTime() + most.toNanos();
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    if (stopped.getAsBoolean()) {
      throw new LimitExceededException(name() + ": was not read to its end, the program ends");
    }
    if (System.nanoTime() - deadline > 0) {
      throw new LimitExceededException(name() + ": takes longer to read than it may (our limit)");
    }
    file.read(offset, dst);
  }

  @Override
  public long nextData(long offset) throws IOException {
    return file.nextData(offset);
  }

  @Override
  public long nextHole(long offset) throws IOException {
    return file.nextHole(offset);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
