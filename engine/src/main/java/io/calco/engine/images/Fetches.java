package io.calco.engine.images;

import io.calco.disk.BulkInput;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.jobs.JobProgress;
import io.calco.engine.jobs.JobProgress.Unit;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What is fetched from elsewhere now, by the image that it is for: how far it is, and whether
/// somebody wants it stopped.
///
/// Thread rule: safe for several threads.
final class Fetches {
  private static final String STEP = "fetching";

  private final Map<String, Fetch> running = new ConcurrentHashMap<>();

  /// Begins one; an image's status sees to it that there is no other.
  Fetch begin(String imageId) {
    Fetch fetch = new Fetch(imageId);
    running.put(imageId, fetch);
    return fetch;
  }

  /// The images that something is fetched for.
  Set<String> images() {
    return Set.copyOf(running.keySet());
  }

  /// How far an image's is; empty when nothing is fetched for it.
  Optional<JobProgress> progress(String imageId) {
    return Optional.ofNullable(running.get(imageId)).map(Fetch::progress);
  }

  /// Stops an image's.
  ///
  /// @param who wants it, for the record
  /// @return false when nothing is fetched for it
  boolean stop(String imageId, String who) {
    Fetch fetch = running.get(imageId);
    if (fetch != null) {
      fetch.stop(who);
    }
    return fetch != null;
  }

  /// One of them; closed when it is over.
  final class Fetch implements AutoCloseable {
    private final String imageId;
    private long begunNanos = System.nanoTime();
    private long done;
    private long total;
    private String stoppedBy = "";
    private @Nullable WebSource source;

    private Fetch(String imageId) {
      this.imageId = imageId;
    }

    /// The image that it is for.
    String imageId() {
      return imageId;
    }

    /// What comes, counted, until somebody stops it: then reading it fails at once, also while the
    /// other side is silent.
    ///
    /// @param size how long it is, in bytes, where that is known
    InputStream of(WebSource from, OptionalLong size) {
      synchronized (this) {
        source = from;
        begunNanos = System.nanoTime();
        total = size.orElse(0);
      }
      return new Counted(from.body());
    }

    private synchronized void stop(String who) {
      stoppedBy = who;
      if (source != null) {
        source.abort();
      }
    }

    private synchronized void count(int bytes) {
      done += bytes;
    }

    private synchronized JobProgress progress() {
      Duration elapsed = Duration.ofNanos(System.nanoTime() - begunNanos);
      return new JobProgress(STEP, done, Math.max(total, 0), Unit.BYTES, elapsed);
    }

    /// @throws OperationException CANCELLED when somebody stopped it
    synchronized void requireWanted() {
      if (!stoppedBy.isEmpty()) {
        throw new OperationException(Kind.CANCELLED, "Stopped by %s.".formatted(stoppedBy));
      }
    }

    @Override
    public void close() {
      running.remove(imageId, this);
    }

    private final class Counted extends BulkInput {
      private final InputStream in;

      Counted(InputStream in) {
        this.in = in;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        requireWanted();
        int n;
        try {
          n = in.read(bytes, offset, length);
        } catch (IOException e) {
          requireWanted(); // it was us who ended the connection
          throw e;
        }
        count(Math.max(0, n));
        if (n < 0) {
          Fetch.this.close(); // what follows is not ours to stop
        }
        return n;
      }
    }
  }
}
