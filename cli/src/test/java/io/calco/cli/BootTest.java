package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import io.calco.testkit.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// The main job, end to end: a real Debian's disk becomes a template, and what is made from it
/// boots in QEMU and says on its serial console who it is. Minutes, on a processor that is
/// emulated.
class BootTest {
  @TempDir private Path directory;
  private Machines machines = new Machines(Path.of("."));
  private Path home;

  @BeforeEach
  void open() throws IOException {
    home = directory.resolve("home");
    machines = new Machines(directory);
    // An ordinary user shall fail at the disk, not at a directory on the way.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterEach
  void close() {
    machines.close();
    Command.unlock(directory);
  }

  @Test
  void clonesBootAsMachinesOfTheirOwn() throws Exception {
    Oracle.named("qemu-system-x86_64");
    Path guest = Shared.guest();
    calco("template", "create", guest, "--name", "debian12", "--home", home).exits(0);
    calco("clone", "create", "debian12", "web1", "web2", "--home", home).exits(0);
    calco("clone", "create", "debian12", "db", "--full", "--size", "6G", "--home", home).exits(0);
    Path template = Path.of(json("template", "show", "debian12").get("disk").asString());
    requireSealed(template);
    Path stranger = directory.resolve("stranger.qcow2");
    Oracle.named("qemu-img")
        .run("create", "-q", "-f", "qcow2", "-F", "raw", "-b", template, stranger)
        .succeeds();
    Path web1 = disk("web1");
    Path first = Files.copy(web1, directory.resolve("first.qcow2"));

    Process one = machines.start(web1, "qcow2", "off");
    Process two = machines.start(disk("web2"), "qcow2", "on");
    Map<String, String> web1Says = machines.identity(one);
    Map<String, String> web2Says = machines.identity(two);
    Process three = machines.start(disk("db"), "raw", "on");
    Process four = machines.start(stranger, "qcow2", "on");
    Map<String, String> dbSays = machines.identity(three);
    Map<String, String> strangerSays = machines.identity(four);

    requirePromised("web1", web1Says);
    requirePromised("web2", web2Says);
    requirePromised("db", dbSays);
    List<Map<String, String>> all = List.of(web1Says, web2Says, dbSays, strangerSays);
    for (String what : List.of("hostname", "machine-id", "ssh-ed25519")) {
      assertThat(all).extracting(says -> says.get(what)).as(what).doesNotHaveDuplicates();
    }
    assertThat(all)
        .allSatisfy(says -> {
          assertThat(says.get("machine-id")).matches("[0-9a-f]{32}");
          assertThat(says.get("ssh-ed25519")).startsWith("SHA256:");
          assertThat(says).containsEntry("boots", "1");
        });
    long size = Long.parseLong(web1Says.get("root-bytes"));
    assertThat(Long.parseLong(dbSays.get("root-bytes"))).isGreaterThan(size + (1900L << 20));

    assertThat(Files.mismatch(web1, first)).isNotEqualTo(-1);
    calco("clone", "reset", "web1", "--yes", "--home", home).exits(0);
    assertThat(Files.mismatch(web1, first)).isEqualTo(-1);
    Map<String, String> again = machines.identity(machines.start(web1, "qcow2", "off"));
    requirePromised("web1", again);
    assertThat(again).containsEntry("boots", "1");

    calco("doctor", "--full", "--home", home).exits(0);
  }

  /// Nobody else can start a machine on the template itself, though they can read it.
  private static void requireSealed(Path template) {
    Oracle setpriv = Oracle.named("setpriv");
    List<Object> nobody =
        List.of("--reuid=65534", "--regid=65534", "--clear-groups", "timeout", "20");
    List<Object> info = new ArrayList<>(nobody);
    info.addAll(List.of("qemu-img", "info", "-f", "raw", template));
    setpriv.run(info.toArray()).succeeds();
    List<Object> machine = new ArrayList<>(nobody);
    machine.addAll(
        List.of("qemu-system-x86_64", "-accel", "tcg", "-display", "none", "-monitor", "none"));
    machine.addAll(List.of("-drive", "file=" + template + ",format=raw,if=virtio"));
    setpriv.run(machine.toArray()).exits(1).says("Could not open '" + template);
  }

  private JsonNode json(String... words) {
    List<Object> all = new ArrayList<>(List.of((Object[]) words));
    all.addAll(List.of("--output", "json", "--home", home));
    return new ObjectMapper().readTree(calco(all.toArray()).exits(0).out());
  }

  private Path disk(String clone) {
    return Path.of(json("clone", "show", clone).get("disk").asString());
  }

  /// What the machine says is what was known before it ever ran.
  private void requirePromised(String clone, Map<String, String> says) {
    JsonNode promised = json("clone", "show", clone);
    assertThat(promised.get("name").asString()).isEqualTo(clone);
    assertThat(says).containsEntry("hostname", promised.get("hostname").asString());
    List<String> fingerprints = new ArrayList<>();
    for (JsonNode key : promised.get("ssh-host-keys")) {
      if (key.get("type").asString().endsWith("ed25519")) {
        fingerprints.add(key.get("fingerprint").asString());
      }
    }
    assertThat(fingerprints).containsExactly(says.get("ssh-ed25519"));
  }
}
