package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Tests with machines that QEMU alone runs, in a home of their own; what a guest would write comes
/// by QEMU's monitor.
abstract class WithPlainMachines {
  static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir protected Path dir;

  @BeforeEach
  void needQemu() {
    Oracle.named("qemu-system-x86_64");
  }

  @AfterEach
  void end() throws IOException {
    if (Files.isDirectory(home().resolve("machines"))) {
      for (JsonNode machine : MAPPER.readTree(at("machine", "list", "--output", "json").out())) {
        stop(machine.get("name").asString());
      }
    }
    Command.unlock(dir);
  }

  final Path home() {
    return dir.resolve("home");
  }

  final Command.Answer at(Object... words) {
    return calco(words(words));
  }

  final Object[] words(Object... words) {
    List<Object> all = new ArrayList<>(Arrays.asList(words));
    all.addAll(List.of("--home", home(), "--connect", "qemu:plain"));
    return all.toArray();
  }

  final void run(Path disk, String name) {
    at(
            "machine",
            "define",
            disk,
            "--name",
            name,
            "--memory",
            "64M",
            "--network",
            "none",
            "--accelerator",
            "tcg",
            "--start")
        .exits(0);
  }

  final void stop(String name) {
    at("machine", "stop", name, "--force");
  }

  /// What QEMU says to a question of its monitor.
  final JsonNode ask(String machine, String command, Map<String, ?> arguments) throws IOException {
    Path socket = home().resolve("machines").resolve(machine).resolve("qmp.sock");
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        var in =
            new BufferedReader(
                new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
        var out =
            new PrintStream(Channels.newOutputStream(channel), true, StandardCharsets.UTF_8)) {
      out.println("{\"execute\":\"qmp_capabilities\"}");
      Map<String, ?> question = Map.of("execute", command, "arguments", arguments, "id", 7);
      out.println(MAPPER.writeValueAsString(question));
      while (true) {
        JsonNode answer = MAPPER.readTree(in.readLine());
        if (answer.path("id").asInt(0) == 7) {
          assertThat(answer.has("error")).as(answer.toString()).isFalse();
          return answer.get("return");
        }
      }
    }
  }

  /// As its guest would.
  final void guestWrites(String machine, String what) throws IOException {
    JsonNode said =
        ask(
            machine,
            "human-monitor-command",
            Map.of("command-line", "qemu-io disk \"write %s\"".formatted(what)));
    assertThat(said.asString()).isEmpty();
  }
}
