package io.calco.engine.host;

import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.machine.Machines;
import io.calco.machine.libvirt.Connection;
import io.calco.machine.libvirt.LibvirtException;
import io.calco.machine.libvirt.LibvirtUri;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A server's line to libvirt: connected when something is asked, and anew when libvirt was started
/// again. Nobody waits for an answer longer than they said; after one that did not come, whoever
/// asks is told so at once for a while.
///
/// Thread rule: safe for several threads.
final class LibvirtLink implements AutoCloseable {
  /// Ours: how long a question that has no answer keeps others from being asked.
  private static final Duration SILENCE = Duration.ofSeconds(15);

  private final Calco calco;
  private final LibvirtUri uri;
  private final HostEvents events;
  private final ReentrantLock connecting = new ReentrantLock();
  private volatile @Nullable Machines machines;
  private volatile long silentUntil = System.nanoTime();

  /// @param events hears what happens while it is connected
  LibvirtLink(Calco calco, LibvirtUri uri, HostEvents events) {
    this.calco = calco;
    this.uri = uri;
    this.events = events;
  }

  /// True where a libvirt seems to listen that this user may ask.
  boolean listens() {
    return uri.sockets().stream().anyMatch(Files::isWritable);
  }

  /// What is asked.
  @FunctionalInterface
  interface Question<T> {
    T of(Machines machines) throws IOException;
  }

  /// Asks.
  ///
  /// @param atMost how long to wait for the answer
  /// @throws OperationException BUSY when libvirt is not there, or does not answer in time
  <T> T ask(Duration atMost, Question<T> question) throws IOException {
    return within(atMost, () -> question.of(connected(atMost)));
  }

  /// Opens something by a connection of its own, which it then owns: what takes long, or a stream.
  ///
  /// @param atMost how long to wait for it
  <T extends AutoCloseable> T open(Duration atMost, Question<T> opening) throws IOException {
    return within(
        atMost,
        () -> {
          Machines own = connect();
          try {
            return opening.of(own);
          } catch (IOException | RuntimeException e) {
            own.hangUp();
            throw e;
          }
        });
  }

  /// What is waited for.
  @FunctionalInterface
  private interface Work<T> {
    T run() throws IOException;
  }

  private <T> T within(Duration atMost, Work<T> work) throws IOException {
    if (silentUntil - System.nanoTime() > 0) {
      throw silent();
    }
    CompletableFuture<T> answer = new CompletableFuture<>();
    Thread asking = Thread.ofVirtual().name("libvirt-question").start(() -> run(work, answer));
    try {
      return answer.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      silentUntil = System.nanoTime() + SILENCE.toNanos();
      asking.interrupt();
      drop();
      throw silent();
    } catch (ExecutionException e) {
      throw told(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }

  /// What libvirt could not do is for whoever asked to hear, in its words: it is no fault of ours.
  private static IOException told(@Nullable Throwable failure) {
    if (failure instanceof LibvirtException e && e.reason() == LibvirtException.Reason.FAILED) {
      throw new OperationException(Kind.REFUSED, String.valueOf(e.getMessage()));
    }
    if (failure instanceof RuntimeException ours) {
      throw ours;
    }
    return failure instanceof IOException failed ? failed : new IOException(failure);
  }

  private static <T> void run(Work<T> work, CompletableFuture<T> answer) {
    try {
      T result = work.run();
      if (!answer.complete(result) && result instanceof AutoCloseable late) {
        late.close(); // nobody waits for it any more
      }
    } catch (Exception | Error e) { // whatever it is, the one who waits throws it
      answer.completeExceptionally(e);
    }
  }

  private OperationException silent() {
    return new OperationException(Kind.BUSY, "libvirt at %s does not answer".formatted(uri));
  }

  private Machines connected(Duration atMost) throws IOException {
    Machines known = machines;
    if (known != null && known.alive()) {
      return known;
    }
    try {
      if (!connecting.tryLock(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
        throw silent();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
    try {
      known = machines;
      if (known == null || !known.alive()) {
        known = connect();
        listen(known);
        machines = known;
      }
      return known;
    } finally {
      connecting.unlock();
    }
  }

  /// One that cannot tell what happens is asked more often.
  private void listen(Machines connected) throws IOException {
    try {
      events.listen(connected.events());
    } catch (LibvirtException e) {
      System.getLogger(LibvirtLink.class.getName())
          .log(System.Logger.Level.INFO, "libvirt tells no events", e);
    } catch (IOException | RuntimeException e) {
      connected.hangUp();
      throw e;
    }
  }

  private Machines connect() throws IOException {
    try {
      return Machines.open(calco, uri, Connection.PATIENCE);
    } catch (LibvirtException e) {
      throw e;
    } catch (IOException e) {
      throw new OperationException(Kind.BUSY, String.valueOf(e.getMessage()));
    }
  }

  private void drop() {
    Machines known = machines;
    machines = null;
    if (known != null) {
      known.hangUp();
    }
  }

  @Override
  public void close() {
    drop();
  }
}
