package io.calco.engine.host;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What libvirt has answered, by name. It is asked again once something has happened, and now and
/// then, for events do not tell everything: not which address a guest was given, nor what somebody
/// changed in the catalogue. A libvirt that tells no events is asked whenever somebody looks.
///
/// Those who look at the same moment wait for one answer. Thread rule: safe for several threads.
///
/// @param <T> what was asked for
final class Looked<T> {
  /// Ours: those who look within it see the same, whatever happens but by us.
  static final Duration FRESH = Duration.ofMillis(1500);

  /// Ours: how long it is believed that nothing has changed when nothing was told.
  private static final Duration QUIET = Duration.ofSeconds(30);

  /// Ours: the same while something is awaited, for some time after something has happened.
  private static final Duration AWAITED = Duration.ofSeconds(5);

  private static final Duration AWAITED_AT_MOST = Duration.ofMinutes(2);
  private static final int KEPT_MAX = 300;

  private final LibvirtLink link;
  private final HostEvents events;
  private final Predicate<T> awaits;
  private final ReentrantLock looking = new ReentrantLock();
  private final Map<String, Seen<T>> seen =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Seen<T>> eldest) {
          return size() > KEPT_MAX;
        }
      };

  /// @param happened and `done`, what the events counted before it was asked
  /// @param at when it was asked, in nanoseconds of the clock
  private record Seen<T>(T what, long happened, long done, long at) {
    boolean within(Duration age) {
      return System.nanoTime() - at < age.toNanos();
    }
  }

  /// @param awaits whether an answer is going to be another soon, untold
  Looked(LibvirtLink link, HostEvents events, Predicate<T> awaits) {
    this.link = link;
    this.events = events;
    this.awaits = awaits;
  }

  /// Looks.
  T at(String name, LibvirtLink.Question<T> question) throws IOException {
    looking.lock();
    try {
      @Nullable Seen<T> known = seen.get(name);
      if (known == null || !holds(known)) {
        seen.remove(name);
        long happened = events.happened();
        long done = events.done();
        long now = System.nanoTime();
        known = new Seen<>(link.ask(HostMachines.LOOK, question), happened, done, now);
        seen.put(name, known);
      }
      return known.what();
    } finally {
      looking.unlock();
    }
  }

  private boolean holds(Seen<T> known) {
    if (known.done() != events.done()) {
      return false;
    }
    return known.within(FRESH)
        || events.told()
            && known.happened() == events.happened()
            && known.within(
                awaits.test(known.what()) && events.within(AWAITED_AT_MOST) ? AWAITED : QUIET);
  }
}
