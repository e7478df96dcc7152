package io.calco.store;

import io.calco.disk.CorruptImageException;
import io.calco.store.backend.Backend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The sessions of this process: begun, kept alive, ended.
///
/// Thread rule: safe for several threads at once.
final class Sessions implements AutoCloseable {
  /// How often a session shows that it lives.
  private static final Duration BEAT = Duration.ofMinutes(5);

  private final Backend backend;
  private final StoreCipher cipher;
  private final Inventory inventory;
  private final ReentrantLock writing = new ReentrantLock();
  private @Nullable UUID writer;

  /// Held by who looks.
  private final ReentrantLock lock = new ReentrantLock();

  /// How many looks have begun; the last of them that has ended well, by its number. Guarded by the
  /// lock.
  private final AtomicLong begunLooks = new AtomicLong();

  private long endedLook;

  /// Held by who puts sessions again, and by who makes one end.
  private final ReentrantLock beating = new ReentrantLock();

  private final Map<UUID, Session> open = new ConcurrentHashMap<>();
  private final AtomicBoolean pulsing = new AtomicBoolean();
  private volatile @Nullable Thread pulse;

  Sessions(Backend backend, StoreCipher cipher, Inventory inventory) {
    this.backend = backend;
    this.cipher = cipher;
    this.inventory = inventory;
  }

  /// This process, as its packs name it. Whoever only reads needs no random numbers.
  UUID writer() {
    writing.lock();
    try {
      if (writer == null) {
        writer = UUID.randomUUID();
      }
      return writer;
    } finally {
      writing.unlock();
    }
  }

  /// Begins a session: says so in the store, then looks. The order matters: see the package. Of
  /// many that begin at once each says so by itself, and one looks for all who have said so by
  /// then.
  UUID begin(Session.Purpose purpose) throws IOException {
    Session session = put(purpose);
    long before = begunLooks.get();
    try {
      lock.lock();
      try {
        if (endedLook <= before) {
          look();
        }
      } finally {
        lock.unlock();
      }
    } catch (IOException | RuntimeException e) {
      end(session.id());
      throw e;
    }
    return session.id();
  }

  /// Begins a session that rests on nothing that the index tells.
  UUID beginUnread(Session.Purpose purpose) throws IOException {
    return put(purpose).id();
  }

  private Session put(Session.Purpose purpose) throws IOException {
    Session session = Session.begin(writer(), purpose);
    open.put(session.id(), session);
    try {
      session.put(backend, cipher);
    } catch (IOException | RuntimeException e) {
      open.remove(session.id());
      throw e;
    }
    if (!pulsing.getAndSet(true)) {
      pulse = Thread.ofPlatform().daemon().name("store-pulse").start(this::beat);
    }
    return session;
  }

  /// Learns which packs are condemned, then which packs there are.
  void look() throws IOException {
    lock.lock();
    try {
      long look = begunLooks.incrementAndGet();
      Set<ChunkId> condemned = Condemned.packsOf(Condemned.readAll(backend, cipher, this::giveUp));
      Set<ChunkId> both = new HashSet<>(condemned);
      both.addAll(inventory.condemned());
      inventory.condemn(both);
      inventory.refresh();
      inventory.condemn(condemned);
      endedLook = look;
    } finally {
      lock.unlock();
    }
  }

  /// Gives up a list of condemned packs that is damaged, so that its packs count as needed again.
  /// Only when no collection runs, which could go by the list as it was: one that begins later puts
  /// its session first, and makes a list of its own, for which it waits for us.
  private void giveUp(String list, CorruptImageException damaged) throws IOException {
    LiveSessions live = new LiveSessions(backend, cipher, Instant.now());
    Map<UUID, Session> all =
        live.find(unread -> {
          throw damaged;
        });
    if (all.values().stream()
        .anyMatch(session -> session.purpose() == Session.Purpose.COLLECTION)) {
      throw damaged;
    }
    try {
      backend.delete(list);
    } catch (IOException e) {
      damaged.addSuppressed(e);
      throw damaged;
    }
    log()
        .log(
            Level.WARNING,
            "{0}; it was given up: what it condemned waits for the next collection",
            damaged.getMessage());
  }

  /// Throws when the session was given up for dead by a collection, which may have deleted what it
  /// rests on.
  void checkAlive(UUID session) throws IOException {
    try {
      backend.size(Session.endObject(session));
    } catch (NoSuchFileException alive) {
      return;
    }
    throw new IOException(
        ("%s: this upload showed no sign of life for so long that a collection has given it up;"
                + " it must be begun again")
            .formatted(backend.place()));
  }

  /// Ends a session; its chunks live on only if a root leads to them.
  void end(UUID session) throws IOException {
    beating.lock(); // not amid a beat, which would put it again
    try {
      if (open.remove(session) == null) {
        return;
      }
    } finally {
      beating.unlock();
    }
    backend.delete(Session.PREFIX + session);
  }

  private void beat() {
    try {
      while (true) {
        Thread.sleep(BEAT);
        beatOnce();
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private void beatOnce() {
    beating.lock();
    try {
      for (Session session : Set.copyOf(open.values())) {
        Session next = session.next();
        next.put(backend, cipher);
        open.put(session.id(), next);
      }
    } catch (IOException | UncheckedIOException e) {
      // The next beat tries again; long before a collection gives the session up.
      log().log(Level.WARNING, "{0}: a session could not be kept alive: {1}", backend.place(), e);
    } finally {
      beating.unlock();
    }
  }

  /// Looked for when it is needed: that opens every jar.
  private static Logger log() {
    return System.getLogger(Sessions.class.getName());
  }

  @Override
  public void close() throws IOException {
    Thread beater = pulse;
    if (beater != null) {
      beater.interrupt();
    }
    for (UUID session : Set.copyOf(open.keySet())) {
      end(session);
    }
  }
}
