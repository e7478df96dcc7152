package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import io.calco.testkit.Shared;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
  private static final Pattern IDENTITY =
      Pattern.compile("IDENTITY hostname=\\S+ machine-id=\\S+ ssh-ed25519=\\S+ \\S+ boots=\\d+");
  private static final Duration LIMIT = Duration.ofMinutes(8);

  @TempDir private Path directory;
  private final Map<Process, Path> machines = new HashMap<>();
  private Path home;

  @BeforeEach
  void open() throws IOException {
    home = directory.resolve("home");
    // An ordinary user shall fail at the disk, not at a directory on the way.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterEach
  void close() {
    machines.keySet().forEach(machine -> machine.destroyForcibly().onExit().join());
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

    Process one = start(web1, "qcow2", "off");
    Process two = start(disk("web2"), "qcow2", "on");
    Map<String, String> web1Says = identity(one);
    Map<String, String> web2Says = identity(two);
    Process three = start(disk("db"), "raw", "on");
    Process four = start(stranger, "qcow2", "on");
    Map<String, String> dbSays = identity(three);
    Map<String, String> strangerSays = identity(four);

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
    assertThat(Long.parseLong(dbSays.get("root-bytes"))).isGreaterThan(size + (2040L << 20));

    assertThat(Files.mismatch(web1, first)).isNotEqualTo(-1);
    calco("clone", "reset", "web1", "--yes", "--home", home).exits(0);
    assertThat(Files.mismatch(web1, first)).isEqualTo(-1);
    Map<String, String> again = identity(start(web1, "qcow2", "off"));
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

  /// Starts a machine.
  ///
  /// @param snapshot `on`: what it writes is thrown away
  private Process start(Path disk, String format, String snapshot) throws IOException {
    Path console = directory.resolve("console-" + machines.size());
    List<String> words = new ArrayList<>();
    words.add(Oracle.named("qemu-system-x86_64").program().toString());
    words.addAll(List.of("-accel", "tcg", "-m", "768", "-smp", "1", "-display", "none"));
    words.addAll(List.of("-monitor", "none", "-serial", "file:" + console, "-no-reboot"));
    words.addAll(List.of("-nic", "user,model=virtio-net-pci", "-drive"));
    words.add("file=%s,format=%s,if=virtio,snapshot=%s".formatted(disk, format, snapshot));
    Process machine =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("qemu-" + machines.size() + ".log").toFile())
            .start();
    machines.put(machine, console);
    return machine;
  }

  /// Waits for what a machine says of itself, and switches it off.
  private Map<String, String> identity(Process machine) throws Exception {
    Path console = machines.get(machine);
    Instant end = Instant.now().plus(LIMIT);
    String text = "";
    while (Instant.now().isBefore(end)) {
      Thread.sleep(500);
      // It may come on the same line as the login prompt.
      text = Files.exists(console) ? Files.readString(console, StandardCharsets.ISO_8859_1) : "";
      Matcher found = IDENTITY.matcher(text);
      if (found.find()) {
        // What a kept disk holds of this boot shall be on it.
        Thread.sleep(2000);
        machine.destroyForcibly().onExit().join();
        Map<String, String> says = new HashMap<>();
        for (String word : found.group().split(" ")) {
          int equals = word.indexOf('=');
          if (equals > 0) {
            says.put(word.substring(0, equals), word.substring(equals + 1));
          }
        }
        return says;
      }
      if (!machine.isAlive()) {
        break;
      }
    }
    throw new AssertionError("no IDENTITY on the console:\n" + text);
  }
}
