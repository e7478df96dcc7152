package io.calco.machine.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.testkit.LibvirtServer;
import io.calco.testkit.Oracle;
import io.calco.testkit.WithLibvirt;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// With a libvirtd, and `virsh event` listening beside us.
@Timeout(600)
class DomainEventsTest extends WithLibvirt {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir private Path directory;

  private static String machine(String name) {
    return "<domain type='qemu'><name>%s</name><uuid>%s</uuid><memory>65536</memory><os>"
            .formatted(name, UUID.randomUUID())
        + "<type arch='x86_64' machine='q35'>hvm</type></os></domain>";
  }

  private static Connection connect(LibvirtServer server) throws IOException {
    return Connection.open(LibvirtUri.parse(server.uri(), Map.of()));
  }

  /// The events of a machine up to the one that ends its life.
  private static List<String> told(DomainEvents events) throws IOException {
    List<String> told = new ArrayList<>();
    while (told.isEmpty() || !told.getLast().contains("Undefined Removed")) {
      DomainEvent event = events.next(LONG).orElseThrow();
      told.add(
          event.what() == DomainEvent.What.REBOOT
              ? "event 'reboot' for domain '%s'".formatted(event.name())
              : "event 'lifecycle' for domain '%s': %s".formatted(event.name(), event.text()));
    }
    return told;
  }

  @Test
  void theSameIsToldAsVirshTells() throws IOException {
    Process virsh =
        new ProcessBuilder(
                Oracle.named("virsh").program().toString(),
                "-q",
                "-c",
                server().uri(),
                "event",
                "--all",
                "--loop")
            .redirectErrorStream(true)
            .start();
    try (Connection connection = connect(server());
        DomainEvents events = connection.events();
        BufferedReader said = virsh.inputReader(StandardCharsets.UTF_8)) {
      for (int attempt = 0; !said.ready(); attempt++) { // until virsh listens, too
        assertThat(attempt).isLessThan(200);
        server().define(machine("early-" + attempt));
        server().virsh("undefine", "early-" + attempt).succeeds();
      }
      server().define(machine("vm"));
      for (String deed : List.of("start", "suspend", "resume", "reset", "destroy")) {
        server().virsh(deed, "vm").succeeds();
      }
      server().virsh("domrename", "vm", "other").succeeds();
      server().virsh("undefine", "other").succeeds();

      List<String> theirs = new ArrayList<>();
      for (String line = said.readLine();
          !line.contains("'other': Undefined Removed");
          line = said.readLine()) {
        if (line.contains("'vm'") || line.contains("'other'")) {
          theirs.add(line);
        }
      }
      List<String> ours = told(events);
      while (!ours.getLast().contains("'other'")) {
        ours = told(events); // those of machines before
      }
      assertThat(ours.subList(0, ours.size() - 1))
          .contains(
              "event 'lifecycle' for domain 'vm': Defined Added",
              "event 'lifecycle' for domain 'vm': Started Booted",
              "event 'lifecycle' for domain 'vm': Suspended Paused",
              "event 'lifecycle' for domain 'vm': Resumed Unpaused",
              "event 'reboot' for domain 'vm'",
              "event 'lifecycle' for domain 'vm': Stopped Destroyed",
              "event 'lifecycle' for domain 'other': Defined Renamed")
          .isEqualTo(
              theirs.stream()
                  .filter(line -> line.contains("'lifecycle'") || line.contains("'reboot'"))
                  .toList());
    } finally {
      virsh.destroyForcibly();
    }
  }

  @Test
  @SuppressWarnings("try") // what is closed before its end
  void aLibvirtThatHangsOrEndsIsTold() throws IOException {
    Path place = Files.createDirectory(directory.resolve("own"));
    try (LibvirtServer own = LibvirtServer.start(place);
        Connection hanging = connect(own);
        Connection connection = connect(own)) {
      DomainEvents silent = DomainEvents.open(hanging.wire(), Duration.ofMillis(100));
      DomainEvents events = connection.events();
      String pid = Files.readString(place.resolve("pid")).strip();
      Oracle.named("kill").run("-STOP", pid).succeeds();
      try {
        assertThatThrownBy(() -> silent.next(LONG)).hasMessageContaining("has said nothing");
      } finally {
        Oracle.named("kill").run("-CONT", pid).succeeds();
      }
      silent.close();
      assertThat(events.next(Duration.ZERO)).isEmpty();
      own.close();
      assertThatThrownBy(() -> events.next(LONG)).hasMessageContaining("hung up");
      events.close();
      assertThat(connection.alive()).isFalse();
    }
  }

  @Test
  void aDaemonAnswersPings() throws IOException {
    try (Connection connection = connect(server())) {
      Wire wire = connection.wire();
      try (DomainEvents events = DomainEvents.open(wire, Duration.ofMillis(50))) {
        long before = wire.heard();
        for (int i = 0; i < 600 && wire.heard() < before + 5; i++) {
          assertThat(events.next(Duration.ofMillis(50))).isEmpty();
        }
        assertThat(wire.heard()).as("what it answered").isGreaterThanOrEqualTo(before + 5);
      }
      assertThat(connection.version()).isPositive();
    }
  }
}
