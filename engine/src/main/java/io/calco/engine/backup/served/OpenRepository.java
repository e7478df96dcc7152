package io.calco.engine.backup.served;

import io.calco.backup.RestorePoint;
import io.calco.backup.RestorePoints;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import io.calco.engine.repository.RepositoryOptions;
import io.calco.engine.store.StoreSecret;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A repository that a server knows. It is opened when it is first needed, and its list is read
/// beside the requests that show it: one reader at a time, and a request waits a few seconds at
/// most.
///
/// Thread rule: safe for several threads.
final class OpenRepository implements AutoCloseable {
  private static final Logger LOG = System.getLogger(OpenRepository.class.getName());

  /// A list that is older is read again when somebody asks for it.
  private static final Duration FRESH = Duration.ofSeconds(5);

  private static final Duration WAIT = Duration.ofSeconds(3);

  private final BackupSettings.Known known;
  private final RepositoryOptions options;
  private final ReentrantLock opening = new ReentrantLock();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition looked = lock.newCondition();

  // guarded by opening
  private @Nullable BackupRepository repository;
  private @Nullable StoreSecret secret;
  private boolean closed;

  // guarded by lock
  private Seen latest = new Seen(Optional.empty(), "", true);
  private Instant at = Instant.MIN;
  private boolean looking;
  private long begun;

  OpenRepository(BackupSettings.Known known, RepositoryOptions options) {
    this.known = known;
    this.options = options;
  }

  /// What is known of a repository's points.
  ///
  /// @param listing the last that was read
  /// @param problem why none could be read; empty when one could
  /// @param asking it is being read, and has not answered yet
  record Seen(Optional<RestorePoints.Listing> listing, String problem, boolean asking) {}

  BackupSettings.Known known() {
    return known;
  }

  /// The repository, open; stays this one's to close.
  BackupRepository get() throws IOException {
    opening.lock();
    try {
      if (closed) {
        throw new OperationException(Kind.CANCELLED, "the server is being stopped");
      }
      if (repository == null) {
        StoreSecret read = StoreSecret.ofFile(known.keyFile().map(Object::toString).orElse(""));
        try {
          repository = BackupRepository.open(known.address(), options, read);
          secret = read;
        } catch (IOException | RuntimeException e) {
          try (read) {
            throw e;
          }
        }
      }
      return repository;
    } finally {
      opening.unlock();
    }
  }

  /// Begins to read the list, if what is known is old.
  void begin() {
    lock.lock();
    try {
      if (at.isBefore(Instant.now().minus(FRESH)) && !looking) {
        looking = true;
        begun = System.nanoTime();
        Thread.ofVirtual().name("repository " + known.name()).start(this::read);
      }
    } finally {
      lock.unlock();
    }
  }

  /// The points, as far as they are known a few seconds after they were asked for.
  Seen look() {
    begin();
    lock.lock();
    try {
      long nanos = WAIT.toNanos() - (System.nanoTime() - begun);
      while (looking && nanos > 0) {
        nanos = looked.awaitNanos(nanos);
      }
      return looking ? new Seen(latest.listing(), latest.problem(), true) : latest;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return latest;
    } finally {
      lock.unlock();
    }
  }

  private void read() {
    Seen seen;
    try {
      seen = new Seen(Optional.of(new Backups(get()).list(Optional.empty())), "", false);
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.WARNING, () -> "repository " + known.name() + " cannot be read", e);
      seen =
          new Seen(Optional.empty(), String.valueOf(OperationException.of(e).getMessage()), false);
    }
    lock.lock();
    try {
      latest = seen;
      at = Instant.now();
      looking = false;
      looked.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// What was listed is not so any more.
  void changed() {
    lock.lock();
    try {
      at = Instant.MIN;
    } finally {
      lock.unlock();
    }
  }

  /// The point of an identity.
  ///
  /// @throws OperationException NOT_FOUND when there is none
  RestorePoint find(String id) throws IOException {
    if (!id.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")) {
      throw none(id);
    }
    return new Backups(get())
        .list(Optional.empty()).points().stream()
            .filter(point -> point.id().toString().equals(id))
            .findFirst()
            .orElseThrow(() -> none(id));
  }

  private OperationException none(String id) {
    return new OperationException(
        Kind.NOT_FOUND,
        "%s: there is no restore point %s"
            .formatted(known.name(), id.substring(0, Math.min(id.length(), 36))));
  }

  /// Waits a little for whoever reads the list, and closes; what reads a point then fails.
  @Override
  public void close() throws IOException {
    opening.lock();
    try {
      closed = true;
    } finally {
      opening.unlock();
    }
    lock.lock();
    try {
      for (long nanos = WAIT.toNanos(); looking && nanos > 0; ) {
        nanos = looked.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    try {
      if (repository != null) {
        repository.close();
      }
    } finally {
      if (secret != null) {
        secret.close();
      }
    }
  }
}
