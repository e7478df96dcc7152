package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.LibvirtServer;
import io.calco.testkit.Oracle;
import io.calco.testkit.ProcessEnd;
import io.calco.testkit.WithLibvirt;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `calco machine list --watch`, while virsh does things and listens, too.
@Timeout(600)
class MachineWatchTest extends WithLibvirt {
  private static final List<String> DEEDS =
      List.of("start", "suspend", "resume", "reset", "destroy", "undefine");

  @TempDir private Path directory;
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void end() {
    processes.forEach(ProcessEnd::kill);
  }

  private static String machine(String name) {
    return "<domain type='qemu'><name>%s</name><uuid>%s</uuid><memory>65536</memory><os>"
            .formatted(name, UUID.randomUUID())
        + "<type arch='x86_64' machine='q35'>hvm</type></os></domain>";
  }

  private Object[] words(String connect, Object... more) {
    List<Object> all = new ArrayList<>(List.of("machine", "list", "--watch"));
    all.addAll(List.of("--home", directory.resolve("home"), "--connect", connect));
    all.addAll(Arrays.asList(more));
    return all.toArray();
  }

  private BufferedReader read(Process process) {
    processes.add(process);
    return process.inputReader(StandardCharsets.UTF_8);
  }

  /// Has machines come and go until somebody who listens says so.
  private static void until(BufferedReader told) throws IOException {
    for (int attempt = 0; !told.ready(); attempt++) {
      assertThat(attempt).isLessThan(500);
      server().define(machine("early-" + attempt));
      server().virsh("undefine", "early-" + attempt).succeeds();
    }
  }

  private static void interrupt(Process process) throws InterruptedException {
    Oracle.named("kill").run("-INT", process.pid()).succeeds();
    assertThat(process.waitFor()).isEqualTo(ExitCode.CANCELLED);
  }

  /// What is said of the machine, up to its end.
  private static List<String> of(BufferedReader told, String end) throws IOException {
    List<String> lines = new ArrayList<>();
    String line;
    do {
      line = told.readLine();
      assertThat(line).as("after %s", lines).isNotNull();
      if (!line.contains("early-")) {
        lines.add(line);
      }
    } while (lines.isEmpty() || !line.contains(end));
    return lines;
  }

  private static void live(String name) throws IOException {
    server().define(machine(name));
    DEEDS.forEach(deed -> server().virsh(deed, name).succeeds());
  }

  @Test
  void itTellsWhatVirshTells() throws Exception {
    Process watching = Command.listening(Map.of(), words(server().uri()));
    BufferedReader ours = read(watching);
    Process virsh =
        new ProcessBuilder(
                Oracle.named("virsh").program().toString(),
                "-q",
                "-c",
                server().uri(),
                "event",
                "--event",
                "lifecycle",
                "--loop")
            .start();
    BufferedReader theirs = read(virsh);
    Process asking = Command.listening(Map.of(), words(server().uri(), "--output", "json"));
    BufferedReader objects = read(asking);
    for (BufferedReader one : List.of(ours, theirs, objects)) {
      until(one);
    }
    live("vm");

    List<String> told =
        of(theirs, "Undefined Removed").stream()
            .map(line -> line.replaceFirst("event 'lifecycle' for domain 'vm': ", ""))
            .toList();
    assertThat(told).hasSizeGreaterThan(5);
    assertThat(of(ours, "Undefined Removed"))
        .allSatisfy(
            line -> assertThat(line).matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d  .*"))
        .extracting(line -> line.substring(21))
        .filteredOn(line -> !line.equals("vm  Reboot"))
        .isEqualTo(told.stream().map(event -> "vm  " + event).toList());
    List<JsonNode> json =
        of(objects, "\"event\":\"undefined\"").stream()
            .map(line -> new ObjectMapper().readTree(line))
            .toList();
    assertThat(json)
        .allSatisfy(event -> assertThat(event.get("name").asString()).isEqualTo("vm"))
        .extracting(event -> event.get("event").asString())
        .containsSubsequence(
            "defined", "started", "suspended", "resumed", "reboot", "stopped", "undefined");
    assertThat(json)
        .filteredOn(event -> event.get("event").asString().equals("stopped"))
        .extracting(event -> event.get("detail").asString())
        .containsExactly("Destroyed");
    interrupt(watching);
    interrupt(asking);
  }

  @Test
  void onATerminalTheTableFollows() throws Exception {
    server().define(machine("vm"));
    Process watching = Command.onTerminal(words(server().uri()));
    processes.add(watching);
    InputStreamReader screen =
        new InputStreamReader(watching.getInputStream(), StandardCharsets.UTF_8);
    assertThat(shown(screen, "vm    shut off")).contains("NAME", "\u001b[?1049h");
    server().virsh("start", "vm").succeeds();
    assertThat(shown(screen, "vm    running")).contains("\u001b[H").doesNotContain("\u001b[?1049h");
    assertThat(shown(screen, "Started Booted")).doesNotContain("\u001b[?1049l");
    server().virsh("suspend", "vm").succeeds();
    shown(screen, "vm    paused");
    try (OutputStream keys = watching.getOutputStream()) {
      keys.write(3); // Ctrl-C
      keys.flush();
      shown(screen, "\u001b[?1049l");
      assertThat(ProcessEnd.await(watching)).isEqualTo(ExitCode.CANCELLED);
    }
  }

  /// What the screen is sent until it shows that.
  private static String shown(InputStreamReader screen, String text) throws IOException {
    StringBuilder all = new StringBuilder();
    while (all.indexOf(text) < 0) {
      int next = screen.read();
      assertThat(next).as("%s is awaited after %s", text, all).isNotNegative();
      all.append((char) next);
    }
    return all.toString();
  }

  @Test
  void aLibvirtThatEndsIsLookedForUntilItIsBack() throws Exception {
    Path socket = directory.resolve("socket");
    Path remarks = directory.resolve("remarks");
    Process watching;
    BufferedReader told;
    try (LibvirtServer first = LibvirtServer.start(Files.createDirectory(directory.resolve("1")))) {
      Files.createSymbolicLink(socket, first.socket());
      first.define(machine("old"));
      watching =
          Command.listening(remarks, Map.of(), words("qemu+unix:///system?socket=" + socket));
      told = read(watching);
      for (int attempt = 0; !told.ready(); attempt++) {
        assertThat(attempt).isLessThan(500);
        first.define(machine("early-" + attempt));
        first.virsh("undefine", "early-" + attempt).succeeds();
      }
    }
    Files.delete(socket);
    try (LibvirtServer second =
        LibvirtServer.start(Files.createDirectory(directory.resolve("2")))) {
      second.define(machine("new"));
      Files.createSymbolicLink(socket, second.socket());
      assertThat(of(told, "new"))
          .extracting(line -> line.substring(21))
          .containsExactly("old  Undefined", "new  Defined");
      assertThat(remarks).content().contains("hung up; it is looked for again");
      second.virsh("start", "new").succeeds();
      assertThat(of(told, "Started Booted")).isNotEmpty();
      interrupt(watching);
    }
  }

  @Test
  void machinesOfQemuAloneAreLookedAtAgain() throws Exception {
    Path disk = directory.resolve("vm.raw");
    Files.write(disk, new byte[1 << 20]);
    Object[] at = {"--home", directory.resolve("home"), "--connect", "qemu:plain"};
    Process watching = Command.listening(Map.of(), words("qemu:plain"));
    BufferedReader told = read(watching);
    for (int attempt = 0; !told.ready(); attempt++) {
      assertThat(attempt).isLessThan(100);
      plain(at, "define", disk, "--name", "vm", "-f", "raw", "--accelerator", "tcg");
      plain(at, "start", "vm");
      plain(at, "stop", "vm", "--force");
      plain(at, "delete", "vm", "--keep-disk", "--yes");
    }
    plain(at, "define", disk, "--name", "last", "-f", "raw", "--accelerator", "tcg");
    assertThat(of(told, "last"))
        .extracting(line -> line.substring(21))
        .last()
        .isEqualTo("last  Defined");
    plain(at, "start", "last");
    assertThat(of(told, "Started"))
        .extracting(line -> line.substring(21))
        .contains("last  Started");
    plain(at, "stop", "last", "--force");
    assertThat(of(told, "Stopped"))
        .extracting(line -> line.substring(21))
        .contains("last  Stopped");
    interrupt(watching);
  }

  private static void plain(Object[] at, Object... words) {
    List<Object> all = new ArrayList<>(List.of("machine"));
    all.addAll(Arrays.asList(words));
    all.addAll(Arrays.asList(at));
    calco(all.toArray()).exits(0);
  }
}
