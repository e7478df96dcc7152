package io.calco.machine.libvirt;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What happens to the machines of a libvirt, told as it happens (`virsh event`): their life, and
/// that a guest begins anew. What is told is kept, in its order, until it is read, up to
/// [#HELD_MAX]; who reads too slowly hears no more, and is told so.
///
/// Closing it ends the telling, and leaves the connection. Thread rule: safe; what is told is
/// handed to one of those who wait.
public final class DomainEvents implements AutoCloseable {
  /// Ours: bytes of names that wait, each event counted with [#EVENT] more.
  static final int HELD_MAX = 4 << 20;

  private static final int EVENT = 200;
  private static final int LIFECYCLE = 0; // VIR_DOMAIN_EVENT_ID_LIFECYCLE
  private static final int REBOOT = 1;
  private static final int KEEPALIVE = 10; // VIR_DRV_FEATURE_PROGRAM_KEEPALIVE
  private static final int ANY_DOMAIN = 0;

  private final Wire wire;
  private final List<Integer> callbacks = new ArrayList<>();
  private final Deque<DomainEvent> waiting = new ArrayDeque<>();
  private long held;
  private @Nullable IOException end;

  private DomainEvents(Wire wire) {
    this.wire = wire;
  }

  /// @param interval of silence, after which libvirt is asked whether it is there
  static DomainEvents open(Wire wire, Duration interval) throws IOException {
    DomainEvents events = new DomainEvents(wire);
    wire.listener(events.new Hearing()); // before anything can be told
    try {
      events.register(LIFECYCLE);
      events.register(REBOOT);
      if (wire.call(Procedure.CONNECT_SUPPORTS_FEATURE, new XdrWriter().put(KEEPALIVE))
          .readBoolean()) {
        KeepAlive.start(wire, interval);
      }
      return events;
    } catch (IOException | RuntimeException e) {
      events.close();
      throw e;
    }
  }

  private void register(int event) throws IOException {
    callbacks.add(
        wire.call(
                Procedure.CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY,
                new XdrWriter().put(event).put(ANY_DOMAIN))
            .readInt());
  }

  /// In the thread that reads the connection.
  private final class Hearing implements Wire.Listener {
    @Override
    public void told(int procedure, XdrReader content) throws ProtocolException {
      if (procedure == Procedure.DOMAIN_EVENT_CALLBACK_LIFECYCLE.number()) {
        DomainEvent.readLifecycle(content).ifPresent(DomainEvents.this::add);
      } else if (procedure == Procedure.DOMAIN_EVENT_CALLBACK_REBOOT.number()) {
        add(DomainEvent.readReboot(content));
      }
    }

    @Override
    public void ended(IOException reason) {
      end(reason);
    }
  }

  private synchronized void add(DomainEvent event) {
    if (end != null) {
      return;
    }
    held += size(event);
    if (held > HELD_MAX) {
      end(
          new IOException(
              "libvirt told more events than were read, and they are not kept any more"));
      return;
    }
    waiting.add(event);
    notifyAll();
  }

  private static int size(DomainEvent event) {
    return EVENT + event.name().getBytes(StandardCharsets.UTF_8).length;
  }

  private synchronized void end(IOException reason) {
    if (end == null) {
      end = reason;
      notifyAll();
    }
  }

  /// Waits for what happens next.
  ///
  /// @param atMost how long
  /// @return empty when nothing has happened by then
  /// @throws IOException when nothing more will be told: the connection is gone, or this was closed
  public synchronized Optional<DomainEvent> next(Duration atMost) throws IOException {
    long until = System.nanoTime() + atMost.toNanos();
    try {
      while (waiting.isEmpty() && end == null) {
        long left = until - System.nanoTime();
        if (left <= 0) {
          return Optional.empty();
        }
        TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, 1_000_000));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
    DomainEvent event = waiting.poll();
    if (event == null) {
      IOException reason = Objects.requireNonNull(end);
      throw new IOException(reason.getMessage(), reason);
    }
    held -= size(event);
    return Optional.of(event);
  }

  @Override
  public void close() {
    end(new IOException("nobody listens to libvirt's events any more"));
    wire.listener(null);
    try {
      for (int callback : callbacks) {
        if (wire.alive()) {
          wire.call(
              Procedure.CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY,
              new XdrWriter().put(callback));
        }
      }
    } catch (IOException e) {
      System.getLogger(DomainEvents.class.getName())
          .log(System.Logger.Level.DEBUG, "libvirt would tell events on", e);
    }
  }
}
