package io.calco.engine.machine;

import io.calco.disk.JobContext;
import io.calco.machine.libvirt.DomainEvent;
import io.calco.machine.libvirt.DomainEvents;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What happens to machines, told until nobody wants to hear more: by libvirt, which tells it as it
/// happens, and where QEMU alone runs them, by looking again. A libvirt that is gone is looked for
/// until it is there again. Confined.
public final class MachineWatch {
  /// Ours: how soon it is seen that nobody wants to hear more.
  private static final Duration BREATH = Duration.ofMillis(250);

  /// Ours: between two looks at machines of QEMU alone.
  private static final Duration LOOK = Duration.ofSeconds(1);

  /// Ours: before a libvirt that is gone is looked for again.
  private static final Duration PAUSE = Duration.ofSeconds(2);

  private final MachineHost.Opening opening;
  private final Watcher watcher;
  private final JobContext job;
  private @Nullable List<MachineReport> known;
  private boolean lost;

  /// Who is told.
  public interface Watcher {
    /// Machines as they are: at first, whenever something has happened, and when it can be told
    /// again.
    ///
    /// @param events what happened, in its order; may be none
    void told(List<DomainEvent> events, List<MachineReport> machines);

    /// Nothing can be told for now.
    void lost(String why);
  }

  /// @param opening what has the machines
  /// @param job ends it when it is cancelled
  public MachineWatch(MachineHost.Opening opening, Watcher watcher, JobContext job) {
    this.opening = opening;
    this.watcher = watcher;
    this.job = job;
  }

  /// Watches until it is cancelled ([java.util.concurrent.CancellationException]).
  ///
  /// @throws IOException when nobody answers at first
  public void run() throws IOException {
    while (true) {
      try (MachineHost host = opening.open()) {
        switch (host) {
          case Machines libvirt -> listen(libvirt);
          case PlainHost plain -> lookAgain(plain);
        }
      } catch (InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        if (known == null) {
          throw e;
        }
        if (!lost) {
          watcher.lost(String.valueOf(e.getMessage()));
          lost = true;
        }
      }
      rest(PAUSE);
    }
  }

  private void listen(Machines libvirt) throws IOException {
    try (DomainEvents events = libvirt.events()) {
      compare(libvirt); // after it listens: what happens meanwhile is told rather twice than never
      while (true) {
        job.checkCancelled();
        Optional<DomainEvent> next = events.next(BREATH);
        if (next.isPresent()) {
          List<DomainEvent> all = new ArrayList<>();
          while (next.isPresent()) {
            all.add(next.get());
            next = events.next(Duration.ZERO);
          }
          tell(all, libvirt.list());
        }
      }
    }
  }

  private void lookAgain(PlainHost plain) throws IOException {
    while (true) {
      compare(plain);
      rest(LOOK);
    }
  }

  private void compare(MachineHost host) throws IOException {
    List<MachineReport> now = host.list();
    List<MachineReport> before = known;
    boolean back = lost;
    lost = false;
    List<DomainEvent> events = before == null ? List.of() : MachineChanges.between(before, now);
    if (before == null || back || !events.isEmpty()) {
      tell(events, now);
    }
  }

  private void tell(List<DomainEvent> events, List<MachineReport> now) {
    known = now;
    watcher.told(events, now);
  }

  private void rest(Duration time) throws IOException {
    long end = System.nanoTime() + time.toNanos();
    try {
      do {
        job.checkCancelled();
        Thread.sleep(BREATH);
      } while (end - System.nanoTime() > 0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }
}
