package io.calco.store.backend;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/// Another backend, whose calls are made again when they fail for the moment. All calls may be:
/// each does the same when it is done twice.
///
/// Thread rule: as the other.
public final class RetryingBackend implements Backend {

  private final Backend backend;
  private final Retries retries;

  private RetryingBackend(Backend backend, Retries retries) {
    this.backend = backend;
    this.retries = retries;
  }

  /// A backend that is tried again.
  ///
  /// @param backend closed with this one
  public static Backend owning(Backend backend, Retries retries) {
    return retries.attempts() == 1 ? backend : new RetryingBackend(backend, retries);
  }

  private interface Call<T> {
    T run() throws IOException;
  }

  private interface Deed {
    void run() throws IOException;
  }

  private void again(Deed deed) throws IOException {
    again(() -> {
      deed.run();
      return true;
    });
  }

  private <T> T again(Call<T> call) throws IOException {
    long begun = System.nanoTime();
    for (int attempt = 1; ; attempt++) {
      try {
        return call.run();
      } catch (TransientBackendException e) {
        if (attempt >= retries.attempts()) {
          throw new TransientBackendException(
              e.getFile(),
              "%s; tried %d times in %d s"
                  .formatted(
                      e.getReason(),
                      attempt,
                      Duration.ofNanos(System.nanoTime() - begun).toSeconds()),
              e);
        }
        System.getLogger(RetryingBackend.class.getName())
            .log(Level.DEBUG, "attempt {0}: {1}", attempt, e.getMessage());
        rest(retries.pause(attempt, ThreadLocalRandom.current().nextDouble()));
      }
    }
  }

  private static void rest(Duration pause) throws InterruptedIOException {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted before another attempt");
    }
  }

  @Override
  public String place() {
    return backend.place();
  }

  @Override
  public void put(String name, List<MemorySegment> content) throws IOException {
    again(() -> backend.put(name, content));
  }

  @Override
  public byte[] get(String name, int max) throws IOException {
    return again(() -> backend.get(name, max));
  }

  @Override
  public void get(String name, long offset, MemorySegment dst) throws IOException {
    again(() -> backend.get(name, offset, dst));
  }

  @Override
  public long size(String name) throws IOException {
    return again(() -> backend.size(name));
  }

  @Override
  public List<StoredObject> list(String prefix) throws IOException {
    return again(() -> backend.list(prefix));
  }

  @Override
  public void delete(String name) throws IOException {
    again(() -> backend.delete(name));
  }

  @Override
  public void deleteAll(Collection<String> names) throws IOException {
    again(() -> backend.deleteAll(names));
  }

  @Override
  public boolean keep(String name) throws IOException {
    return again(() -> backend.keep(name));
  }

  @Override
  public boolean isElsewhere() {
    return backend.isElsewhere();
  }

  @Override
  public Optional<Quota> quota() throws IOException {
    return again(backend::quota);
  }

  @Override
  public void sweep() throws IOException {
    again(backend::sweep);
  }

  @Override
  public void close() throws IOException {
    backend.close();
  }
}
