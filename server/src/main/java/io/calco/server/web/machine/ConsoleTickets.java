package io.calco.server.web.machine;

import io.calco.engine.host.ConsoleKind;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Tickets for consoles: each lets one account open one console of one machine, once and soon.
///
/// Thread rule: safe for several threads.
final class ConsoleTickets {
  /// Ours: a page uses its ticket at once.
  static final Duration LASTS = Duration.ofSeconds(30);

  private static final int BYTES = 32;
  private static final int KEPT_MAX = 1000;

  private final SecureRandom random = new SecureRandom();
  private final LongSupplier clock;

  /// What was given out and not used, oldest first.
  private final Map<String, Held> held =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Held> eldest) {
          return size() > KEPT_MAX;
        }
      };

  /// @param clock in nanoseconds
  ConsoleTickets(LongSupplier clock) {
    this.clock = clock;
  }

  /// What a ticket is for.
  ///
  /// @param userId whose it is
  /// @param claim what becomes of somebody else at that console
  record Ticket(String userId, String machine, ConsoleKind kind, ConsoleKind.Claim claim) {
    boolean isFor(String user, String asked, ConsoleKind console) {
      return userId.equals(user) && machine.equals(asked) && kind == console;
    }
  }

  private record Held(Ticket ticket, long since) {}

  /// A new one, as the browser shows it.
  synchronized String give(Ticket ticket) {
    long now = clock.getAsLong();
    held.values().removeIf(old -> now - old.since() > LASTS.toNanos());
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    String text = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    held.put(text, new Held(ticket, now));
    return text;
  }

  /// Takes it back: whoever shows it, it is used then. Empty when it is none, or too old.
  synchronized Optional<Ticket> take(String text) {
    return Optional.ofNullable(held.remove(text))
        .filter(known -> clock.getAsLong() - known.since() <= LASTS.toNanos())
        .map(Held::ticket);
  }
}
