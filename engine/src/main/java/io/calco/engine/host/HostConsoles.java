package io.calco.engine.host;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.AuditLog;
import io.calco.engine.audit.Deed;
import io.calco.engine.audit.Target;
import io.calco.engine.identity.Caller;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The consoles that are open, as many as there may be.
///
/// Thread rule: safe for several threads.
final class HostConsoles implements AutoCloseable {
  private static final int OPEN_MAX = 64;
  private static final int OF_USER_MAX = 16;

  private final AuditLog audit;
  private final Set<Place> taken = new HashSet<>();
  private boolean closed;

  HostConsoles(AuditLog audit) {
    this.audit = audit;
  }

  /// One of those that may be open.
  private static final class Place {
    final String userId;
    volatile @Nullable ByteChannel channel;

    Place(String userId) {
      this.userId = userId;
    }
  }

  /// Opens something.
  @FunctionalInterface
  interface Opening {
    ByteChannel open() throws IOException;
  }

  /// @throws OperationException BUSY when as many are open as may be
  synchronized void requireRoom(Caller caller) {
    long own = taken.stream().filter(place -> place.userId.equals(caller.userId())).count();
    if (closed || taken.size() >= OPEN_MAX || own >= OF_USER_MAX) {
      throw new OperationException(
          Kind.BUSY,
          closed
              ? "the server is being stopped"
              : "too many consoles are open: close some of your %d".formatted(own));
    }
  }

  private synchronized Place take(Caller caller) {
    requireRoom(caller);
    Place place = new Place(caller.userId());
    taken.add(place);
    return place;
  }

  private synchronized void leave(Place place) {
    taken.remove(place);
  }

  /// Opens one, and records it.
  OpenConsole open(Caller caller, String machine, ConsoleKind kind, Opening opening)
      throws IOException {
    Place place = take(caller);
    Deed deed =
        new Deed(caller.actor(), Action.MACHINE_CONSOLE, Target.named(machine), kind.text());
    try {
      ByteChannel channel =
          audit.make(
              deed,
              () -> {
                ByteChannel opened = opening.open();
                place.channel = opened;
                return opened;
              },
              opened -> deed.target());
      return new OpenConsole(channel, () -> leave(place));
    } catch (IOException | RuntimeException e) {
      try (ByteChannel _ = place.channel) {
        leave(place);
      }
      throw e;
    }
  }

  /// Ends all of them.
  @Override
  public void close() {
    List<Place> all;
    synchronized (this) {
      closed = true;
      all = new ArrayList<>(taken);
    }
    for (Place place : all) {
      try (ByteChannel _ = place.channel) {
        leave(place);
      } catch (IOException e) {
        System.getLogger(HostConsoles.class.getName())
            .log(System.Logger.Level.DEBUG, "a console was gone already", e);
      }
    }
  }
}
