package io.calco.engine;

import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/// Reads or writes an image many times, to see how fast it is. Stateless.
public final class ImageBench {
  private ImageBench() {}

  /// What the requests do.
  public enum Work {
    READ,
    WRITE
  }

  /// Where the requests go.
  public enum Order {
    /// One after the other, `step` bytes further each, and again from the start at the end.
    SEQUENTIAL,
    /// Anywhere, on multiples of their length; the same places in every run.
    RANDOM
  }

  /// What to do.
  ///
  /// @param count requests
  /// @param length bytes in each
  /// @param offset where the first goes, if they go in order
  /// @param step bytes from one to the next; 0 for `length`
  /// @param threads how many are under way at once; 1–64
  /// @param pattern the byte that is written
  /// @param flushEvery writes between two flushes; 0 for none
  public record Plan(
      Work work,
      Order order,
      long count,
      int length,
      long offset,
      long step,
      int threads,
      int pattern,
      long flushEvery) {

    /// Checks the ranges.
    public Plan {
      if (count < 1
          || length < 1
          || length > 64 << 20
          || offset < 0
          || step < 0
          || threads < 1
          || threads > 64
          || pattern < 0
          || pattern > 255
          || flushEvery < 0) {
        throw new OperationException(
            OperationException.Kind.USAGE,
            "a request has 1 byte to 64M, there is at least one, and 1 to 64 go side by side;"
                + " a pattern is 0 to 255");
      }
    }
  }

  /// What came out.
  public record Result(Duration took, long requests, long bytes) {
    /// Requests in a second.
    public double requestsPerSecond() {
      return requests / (took.toNanos() / 1e9);
    }

    /// Bytes in a second.
    public double bytesPerSecond() {
      return bytes / (took.toNanos() / 1e9);
    }
  }

  /// Does all requests.
  public static Result run(Path file, ImageOptions options, Plan plan, JobContext job)
      throws IOException {
    ImageOptions.Access access =
        plan.work() == Work.WRITE ? ImageOptions.Access.WRITE : ImageOptions.Access.READ;
    try (Image image = Image.open(file, options.with(access))) {
      Disk disk = image.disk();
      if (plan.length() > disk.size() - plan.offset()) {
        throw new OperationException(
            OperationException.Kind.USAGE,
            "%s: %d bytes at %d lie beyond its virtual size of %d"
                .formatted(file, plan.length(), plan.offset(), disk.size()));
      }
      Run run = new Run(disk, plan, job);
      long begin = System.nanoTime();
      run.all();
      Duration took = Duration.ofNanos(Math.max(1, System.nanoTime() - begin));
      return new Result(took, plan.count(), plan.count() * plan.length());
    }
  }

  private record Run(Disk disk, Plan plan, JobContext job, AtomicLong next) {
    /// Requests that a thread takes at a time.
    private static final int BATCH = 64;

    Run(Disk disk, Plan plan, JobContext job) {
      this(disk, plan, job, new AtomicLong());
    }

    void all() throws IOException {
      if (plan.threads() == 1) {
        work();
        return;
      }
      try (ExecutorService workers = Executors.newFixedThreadPool(plan.threads())) {
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < plan.threads(); i++) {
          all.add(
              workers.submit(() -> {
                work();
                return null;
              }));
        }
        for (Future<?> one : all) {
          one.get();
        }
      } catch (ExecutionException e) {
        throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }

    private void work() throws IOException {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment buffer = arena.allocate(plan.length(), 4096);
        buffer.fill((byte) plan.pattern());
        for (long from = next.getAndAdd(BATCH); from < plan.count(); ) {
          job.checkCancelled();
          long to = Math.min(plan.count(), from + BATCH);
          for (long i = from; i < to; i++) {
            request(i, buffer);
          }
          job.progress("requests", to, plan.count());
          from = next.getAndAdd(BATCH);
        }
      }
    }

    private void request(long i, MemorySegment buffer) throws IOException {
      long at = place(i);
      switch (plan.work()) {
        case READ -> disk.read(at, buffer);
        case WRITE -> {
          disk.write(at, buffer);
          if (plan.flushEvery() > 0 && (i + 1) % plan.flushEvery() == 0) {
            disk.sync();
          }
        }
      }
    }

    private long place(long i) {
      if (plan.order() == Order.RANDOM) {
        long places = disk.size() / plan.length();
        return new SplittableRandom(i).nextLong(places) * plan.length();
      }
      long step = plan.step() == 0 ? plan.length() : plan.step();
      long span = disk.size() - plan.offset() - plan.length() + 1;
      long places = Math.max(1, Math.ceilDiv(span, step));
      return plan.offset() + i % places * step;
    }
  }
}
