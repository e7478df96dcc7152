package io.calco.machine.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A daemon that tells strange events, too many, or nothing any more.
@Timeout(120)
class HostileEventsTest {
  private static final int LIFECYCLE = Procedure.DOMAIN_EVENT_CALLBACK_LIFECYCLE.number();
  private static final UUID VM = UUID.fromString("6d1f3a5e-0000-4000-8000-000000000001");
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir private Path directory;

  private interface Deed {
    void with(FakeDaemon daemon, Connection connection) throws Exception;
  }

  /// @param answer what is said to who asks for a machine
  private void listening(FakeDaemon.Answer answer, Deed deed) throws Exception {
    try (FakeDaemon daemon = new FakeDaemon(directory.resolve("sock"), answer);
        Connection connection =
            Connection.owning("fake", daemon.connect(), "qemu:///system", LONG)) {
      deed.with(daemon, connection);
      connection.hangUp();
    }
  }

  private static void event(DataOutputStream out, int procedure, byte[] content)
      throws IOException {
    FakeDaemon.header(out, 28 + content.length, procedure, 2, 0);
    out.write(content);
    out.flush();
  }

  private static byte[] lifecycle(String name, int event, int detail) {
    return new XdrWriter().put(1).put(name).put(VM).put(3).put(event).put(detail).toByteArray();
  }

  private static void found(DataOutputStream out, int serial) throws IOException {
    byte[] vm = new XdrWriter().put("vm").put(VM).put(3).toByteArray();
    FakeDaemon.header(out, 28 + vm.length, Procedure.DOMAIN_LOOKUP_BY_NAME.number(), 1, serial);
    out.write(vm);
    out.flush();
  }

  @Test
  void whatIsNotKnownIsLeftOut() throws Exception {
    listening(
        (out, serial) -> {
          event(out, LIFECYCLE, lifecycle("strange", 9, 0));
          event(out, LIFECYCLE, lifecycle("strange", -1, 0));
          event(out, 999, new byte[0]);
          event(out, LIFECYCLE, lifecycle("vm", 2, 77));
          event(out, LIFECYCLE, lifecycle("vm", 5, 1));
          found(out, serial);
        },
        (daemon, connection) -> {
          try (DomainEvents events = connection.events()) {
            connection.domains().get("vm");
            DomainEvent first = events.next(LONG).orElseThrow();
            assertThat(first)
                .isEqualTo(new DomainEvent("vm", VM, DomainEvent.What.STARTED, "unknown"));
            assertThat(events.next(LONG).map(DomainEvent::text)).contains("Stopped Destroyed");
            assertThat(events.next(Duration.ofMillis(50))).isEmpty();
            assertThatThrownBy(connection::events).isInstanceOf(IllegalStateException.class);
          }
          try (DomainEvents again = connection.events()) {
            assertThat(again.next(Duration.ZERO)).isEmpty();
          }
        });
  }

  @Test
  void anEventThatIsCutEndsTheConnection() throws Exception {
    listening(
        (out, serial) -> event(out, LIFECYCLE, new byte[] {0, 0, 0, 1, 0, 0, 1, 0}),
        (daemon, connection) -> {
          DomainEvents events = connection.events();
          assertThatThrownBy(() -> connection.domains().get("vm"))
              .hasMessageContaining("breaks its protocol");
          assertThatThrownBy(() -> events.next(LONG))
              .isInstanceOf(IOException.class)
              .hasMessageContaining("breaks its protocol");
          assertThat(connection.alive()).isFalse();
          events.close();
        });
  }

  @Test
  void whoReadsNothingIsToldNoMore() throws Exception {
    String name = "x".repeat(1 << 20);
    listening(
        (out, serial) -> {
          for (int i = 0; i < 40; i++) {
            event(out, LIFECYCLE, lifecycle(name, 2, 0));
          }
          found(out, serial);
        },
        (daemon, connection) -> {
          try (DomainEvents events = connection.events()) {
            connection.domains().get("vm");
            for (int kept = 0; kept < 3; kept++) {
              assertThat(events.next(LONG)).isPresent();
            }
            assertThatThrownBy(() -> events.next(LONG)).hasMessageContaining("told more events");
            assertThat(connection.alive()).isTrue();
          }
        });
  }

  @Test
  void pingsAreAnsweredAlsoWithoutAListener() throws Exception {
    listening(
        (out, serial) -> {
          FakeDaemon.keepAlive(out, KeepAlive.Signal.PING);
          found(out, serial);
        },
        (daemon, connection) -> {
          connection.domains().get("vm");
          assertThat(daemon.pong.get(60, TimeUnit.SECONDS)).isTrue();
          assertThat(daemon.pings.get()).isZero();
        });
  }

  @Test
  void aDaemonThatAnswersPingsIsNotGivenUp() throws Exception {
    Duration interval = Duration.ofMillis(20);
    listening(
        HostileEventsTest::found,
        (daemon, connection) -> {
          Wire wire = connection.wire();
          try (DomainEvents events = DomainEvents.open(wire, interval)) {
            for (int i = 0; i < 1000 && daemon.pings.get() < 10; i++) {
              assertThat(events.next(interval)).isEmpty();
            }
            assertThat(daemon.pings.get()).isGreaterThanOrEqualTo(10);
            assertThat(wire.alive()).isTrue();
            daemon.deaf = true;
            assertThatThrownBy(() -> events.next(LONG)).hasMessageContaining("has said nothing");
            assertThat(wire.alive()).isFalse();
          }
        });
  }

  @Test
  void whoAsksIsNotDisturbed() throws Exception {
    CompletableFuture<Boolean> go = new CompletableFuture<>();
    listening(
        (out, serial) -> {
          go.join();
          found(out, serial);
        },
        (daemon, connection) -> {
          daemon.deaf = true;
          try (DomainEvents events = DomainEvents.open(connection.wire(), Duration.ofMillis(20));
              var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Domain> asked = threads.submit(() -> connection.domains().get("vm"));
            assertThat(events.next(Duration.ofMillis(400))).isEqualTo(Optional.empty());
            go.complete(true);
            assertThat(asked.get().name()).isEqualTo("vm");
          }
        });
  }
}
