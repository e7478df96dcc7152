package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/// Compares what two guests would see.
public final class DiskCompare {
  private static final int PIECE = 1 << 20;

  private DiskCompare() {}

  /// The first byte that differs, the shorter disk taken as followed by zeroes.
  public static OptionalLong firstDifference(Disk one, Disk other, JobContext job)
      throws IOException {
    Disk longer = one.size() >= other.size() ? one : other;
    Disk shorter = longer == one ? other : one;
    AtomicLong difference = new AtomicLong(Long.MAX_VALUE);
    Pairs pairs = new Pairs(longer, shorter, difference, job);
    int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8);
    OrderedWork.run(threads, () -> new Station(pairs));
    long first = difference.get();
    return first == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(first);
  }

  /// Hands out the runs where either disk may hold data.
  private static final class Pairs {
    private final Disk longer;
    private final Disk shorter;
    private final AtomicLong difference;
    private final JobContext job;
    private long at;
    private long end;

    Pairs(Disk longer, Disk shorter, AtomicLong difference, JobContext job) {
      this.longer = longer;
      this.shorter = shorter;
      this.difference = difference;
      this.job = job;
    }

    /// Advances to the next piece, whose length it answers; 0 at the end or once a difference is
    /// found before.
    int next() throws IOException {
      job.checkCancelled();
      while (at < longer.size() && at < difference.get()) {
        if (at < end) {
          return Math.toIntExact(Math.min(PIECE, end - at));
        }
        job.progress("comparing", at, longer.size());
        Extent one = longer.extentAt(at, longer.size() - at);
        Extent other =
            at < shorter.size()
                ? shorter.extentAt(at, Math.min(one.length(), shorter.size() - at))
                : new Extent(at, one.length(), false, true);
        if (one.readsZero() && other.readsZero()) {
          at += other.length();
        } else {
          end = at + other.length();
        }
      }
      return 0;
    }
  }

  private static final class Station implements OrderedWork.Station {
    private final Pairs pairs;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment one = arena.allocate(PIECE, 4096);
    private final MemorySegment other = arena.allocate(PIECE, 4096);
    private long offset;
    private int length;

    Station(Pairs pairs) {
      this.pairs = pairs;
    }

    @Override
    public boolean take() throws IOException {
      length = pairs.next();
      offset = pairs.at;
      pairs.at += length;
      return length > 0;
    }

    @Override
    public void prepare() throws IOException {
      MemorySegment a = one.asSlice(0, length);
      MemorySegment b = other.asSlice(0, length);
      pairs.longer.read(offset, a);
      long present = Math.clamp(pairs.shorter.size() - offset, 0, length);
      pairs.shorter.read(offset, b.asSlice(0, present));
      b.asSlice(present).fill((byte) 0);
      long mismatch = a.mismatch(b);
      if (mismatch >= 0) {
        pairs.difference.accumulateAndGet(offset + mismatch, Math::min);
      }
    }

    @Override
    public void finish() {
      pairs.job.progress("comparing", offset + length, pairs.longer.size());
    }

    @Override
    public void close() {
      arena.close();
    }
  }
}
