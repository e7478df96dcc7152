package io.calco.cli;

import io.calco.testkit.Oracle;
import io.calco.testkit.ProcessEnd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Machines on an emulated processor, whose guests say on their serial console who they are.
final class Machines implements AutoCloseable {
  private static final Pattern IDENTITY =
      Pattern.compile("IDENTITY hostname=\\S+ machine-id=\\S+ ssh-ed25519=\\S+ \\S+ boots=\\d+");
  private static final Duration LIMIT = Duration.ofMinutes(8);

  private final Path directory;
  private final Map<Process, Path> machines = new HashMap<>();

  /// @param directory for consoles and logs
  Machines(Path directory) {
    this.directory = directory;
  }

  /// Starts a machine.
  ///
  /// @param snapshot `on`: what it writes is thrown away
  /// @param more of QEMU's options
  Process start(Path disk, String format, String snapshot, String... more) throws IOException {
    Path console = directory.resolve("console-" + machines.size());
    List<String> words = new ArrayList<>();
    words.add(Oracle.named("qemu-system-x86_64").program().toString());
    words.addAll(List.of("-accel", "tcg", "-m", "768", "-smp", "1", "-display", "none"));
    words.addAll(List.of("-monitor", "none", "-serial", "file:" + console, "-no-reboot"));
    // Each has a card of its own: guests write its address down.
    words.addAll(List.of("-nic", "user,model=virtio-net-pci,mac=" + mac(machines.size())));
    words.add("-drive");
    words.add("file=%s,format=%s,if=virtio,snapshot=%s".formatted(disk, format, snapshot));
    words.addAll(List.of(more));
    Process machine =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("qemu-" + machines.size() + ".log").toFile())
            .start();
    machines.put(machine, console);
    return machine;
  }

  private static String mac(int machine) {
    return "52:54:00:12:34:%02x".formatted(0x56 + machine);
  }

  /// Waits for what a machine says of itself, and switches it off.
  Map<String, String> identity(Process machine) throws Exception {
    Instant end = Instant.now().plus(LIMIT);
    String text = "";
    while (Instant.now().isBefore(end)) {
      Thread.sleep(500);
      // It may come on the same line as the login prompt.
      text = console(machine);
      Matcher found = IDENTITY.matcher(text);
      if (found.find()) {
        // What a kept disk holds of this boot shall be on it.
        Thread.sleep(2000);
        ProcessEnd.kill(machine);
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

  /// All that a machine has written on its serial console.
  String console(Process machine) throws IOException {
    Path console = machines.get(machine);
    return Files.exists(console) ? Files.readString(console, StandardCharsets.ISO_8859_1) : "";
  }

  @Override
  public void close() {
    machines.keySet().forEach(ProcessEnd::kill);
  }
}
