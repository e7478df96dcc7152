package io.calco.machine.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.testkit.LibvirtServer;
import io.calco.testkit.Oracle;
import io.calco.testkit.SshServer;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A libvirtd behind OpenSSH's server, beside virsh that comes in by ssh.
@Timeout(600)
class RemoteLibvirtTest {
  @TempDir private static Path place;
  private static LibvirtServer libvirt;
  private static SshServer ssh;

  @TempDir private Path home;

  @BeforeAll
  static void start() throws IOException {
    libvirt = LibvirtServer.start(Files.createDirectory(place.resolve("libvirt")));
    ssh = SshServer.start(Files.createDirectory(place.resolve("ssh")));
  }

  @AfterAll
  static void stop() {
    if (ssh != null) {
      ssh.close();
    }
    if (libvirt != null) {
      libvirt.close();
    }
  }

  private static String address(SshServer server, Path socket) {
    return "qemu+ssh://%s@127.0.0.1:%d/system?socket=%s"
        .formatted(server.user(), server.port(), socket);
  }

  private Path script(String name, String text) throws IOException {
    Path script = Files.writeString(home.resolve(name), text);
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /// OpenSSH's client with keys of the test's.
  private Path ssh() throws IOException {
    return script(
        "ssh",
        "#!/bin/sh\nexec '%s' -i '%s' -o UserKnownHostsFile='%s' \"$@\"\n"
            .formatted(
                Oracle.named("ssh").program(),
                ssh.directory().resolve("id_ed25519"),
                ssh.directory().resolve("known_hosts")));
  }

  /// What virsh runs there: `nc -U SOCKET`.
  private Path netcat() throws IOException {
    Path python = Oracle.named("python3").program();
    return script(
        "netcat",
        """
        #!%s
        import os, socket, sys, threading
        if sys.argv[1] != "-U":
            sys.exit(1)
        there = socket.socket(socket.AF_UNIX)
        there.connect(sys.argv[2])
        def up():
            while data := os.read(0, 65536):
                there.sendall(data)
        threading.Thread(target=up, daemon=True).start()
        while data := there.recv(65536):
            os.write(1, data)
        """
            .formatted(python));
  }

  private static Connection open(String address, Path home) throws IOException {
    return Connection.open(LibvirtUri.parse(address, Map.of("HOME", home.toString())));
  }

  /// A home whose `.ssh` knows the server.
  private Path homeOf(SshServer server) throws IOException {
    Path its = home.resolve("port-" + server.port());
    Path directory = Files.createDirectories(its.resolve(".ssh"));
    for (String name : List.of("id_ed25519", "known_hosts")) {
      Files.copy(server.directory().resolve(name), directory.resolve(name));
    }
    return its;
  }

  @Test
  void whatIsMadeThereIsSeenByVirshThatComesInBySsh() throws IOException {
    String address = address(ssh, libvirt.socket());
    try (Connection connection = open(address, homeOf(ssh))) {
      assertThat(connection.local()).isFalse();
      assertThat(connection.version()).isGreaterThan(4_000_000);
      DomainXml xml =
          DomainXml.parse(
              "<domain type='qemu'><name>far</name><uuid>%s</uuid><memory>65536</memory><os>"
                      .formatted(UUID.randomUUID())
                  + "<type arch='x86_64' machine='q35'>hvm</type></os><devices>"
                  + "<serial type='pty'/><console type='pty'/></devices></domain>");
      Domain far = connection.domains().define(xml);
      String by = address + "&command=%s&netcat=%s".formatted(ssh(), netcat());
      Oracle virsh = Oracle.named("virsh");
      assertThat(virsh.run("-q", "-c", by, "list", "--all", "--name").succeeds().out().strip())
          .isEqualTo("far");
      try (DomainEvents events = connection.events()) {
        virsh.run("-q", "-c", by, "start", "far").succeeds();
        DomainEvent started = events.next(Duration.ofSeconds(60)).orElseThrow();
        while (started.what() != DomainEvent.What.STARTED) { // its processors go first
          started = events.next(Duration.ofSeconds(60)).orElseThrow();
        }
        assertThat(started)
            .isEqualTo(new DomainEvent("far", far.uuid(), DomainEvent.What.STARTED, "Booted"));
      }
      assertThat(connection.domains().state(far)).isEqualTo(DomainState.RUNNING);
      Domain running = connection.domains().get("far");
      try (DomainConsole console = connection.domains().console(running, Domains.Console.FREE)) {
        connection.domains().destroy(running);
        byte[] said = console.input().readAllBytes();
        assertThat(said.length).as("it ends with the machine").isGreaterThanOrEqualTo(0);
      }
      connection.domains().undefine(far, Domains.Nvram.DELETE);
    }
    assertThat(libvirt.virsh("list", "--all", "--name").out()).isBlank();
  }

  @Test
  void serversThatAreNotKnownAreRefused() throws IOException {
    String address = address(ssh, libvirt.socket());
    Path other = Files.createDirectories(home.resolve("other/.ssh"));
    Files.copy(ssh.directory().resolve("id_ed25519"), other.resolve("id_ed25519"));
    assertThatThrownBy(() -> open(address, home.resolve("other")))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageContaining("it is not in known_hosts; it shows ssh-ed25519 SHA256:");
    String fingerprint =
        Oracle.named("ssh-keygen")
            .run("-l", "-f", ssh.directory().resolve("host_ed25519.pub"))
            .succeeds()
            .out()
            .split(" ")[1];
    try (Connection known = open(address + "&fingerprint=" + fingerprint, home.resolve("other"))) {
      assertThat(known.version()).isPositive();
    }
    assertThatThrownBy(
            () -> open(address + "&keyfile=" + home.resolve("none"), home.resolve("other")))
        .isInstanceOf(IOException.class);
  }

  @Test
  void whereNobodyListensIsTold() throws IOException {
    Path none = place.resolve("none");
    assertThatThrownBy(() -> open(address(ssh, none), homeOf(ssh)))
        .hasMessageContaining(none + " cannot be opened")
        .hasMessageContaining("no libvirt listens there")
        .message()
        .doesNotContain("\n");
    Path directory = Files.createDirectory(place.resolve("closed"));
    try (SshServer closed = SshServer.start(directory, "AllowStreamLocalForwarding no")) {
      assertThatThrownBy(() -> open(address(closed, libvirt.socket()), homeOf(closed)))
          .hasMessageContaining("AllowStreamLocalForwarding");
    }
  }

  @Test
  void addressesAreRead() {
    LibvirtUri uri =
        LibvirtUri.parse(
            "qemu+ssh://ana@[::1]:2222/system?keyfile=%2Fk", Map.of("HOME", "/home/ana"));
    var server = uri.server().orElseThrow();
    assertThat(server.toString()).isEqualTo("qemu+ssh://ana@[::1]:2222");
    assertThat(server.login().identity()).contains(Path.of("/k"));
    assertThat(server.login().sshDirectory()).isEqualTo(Path.of("/home/ana/.ssh"));
    assertThat(uri.driver()).isEqualTo("qemu:///system");
    for (String bad :
        new String[] {
          "qemu+ssh:///system",
          "qemu+ssh://host/session",
          "qemu://host/system",
          "qemu+ssh://host/system?command=sh",
          "qemu+tls://host/system"
        }) {
      assertThatThrownBy(() -> LibvirtUri.parse(bad, Map.of()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
