package io.calco.engine.host;

import io.calco.machine.libvirt.DomainEvents;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// How often something has happened to this host's machines, as libvirt tells it and as we did it
/// ourselves: what was seen before may not be so any more.
///
/// Thread rule: safe for several threads.
final class HostEvents {
  private static final Duration LONG = Duration.ofHours(1);

  private final AtomicReference<@Nullable DomainEvents> told = new AtomicReference<>();
  private final AtomicLong happened = new AtomicLong();
  private final AtomicLong done = new AtomicLong();
  private volatile long last = System.nanoTime();

  /// Listens, until the connection ends. Takes the events over.
  void listen(DomainEvents events) {
    told.set(events);
    happen(); // or so it may be, while nobody listened
    Thread.ofVirtual().name("libvirt-events").start(() -> hear(events));
  }

  private void hear(DomainEvents events) {
    try (events) {
      while (true) {
        if (events.next(LONG).isPresent()) {
          happen();
        }
      }
    } catch (IOException e) {
      System.getLogger(HostEvents.class.getName())
          .log(System.Logger.Level.DEBUG, "libvirt tells no more", e);
    } finally {
      told.compareAndSet(events, null);
    }
  }

  private void happen() {
    last = System.nanoTime();
    happened.incrementAndGet();
  }

  /// True while whatever happens is told.
  boolean told() {
    return told.get() != null;
  }

  /// How many things were told.
  long happened() {
    return happened.get();
  }

  /// True when the last of them was within a time.
  boolean within(Duration age) {
    return System.nanoTime() - last < age.toNanos();
  }

  /// We did something.
  void changed() {
    done.incrementAndGet();
  }

  /// How many things we did.
  long done() {
    return done.get();
  }
}
