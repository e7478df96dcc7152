package io.calco.machine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// QEMU's machine protocol, one question at a time; events are passed over. Specification:
/// `docs/interop/qmp-spec.txt`. Confined.
final class Qmp implements AutoCloseable {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final SocketChannel channel;
  private final BufferedReader in;

  private Qmp(SocketChannel channel) {
    this.channel = channel;
    in =
        new BufferedReader(
            new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
  }

  /// Takes a connection over on which QEMU is about to introduce itself.
  static Qmp owning(SocketChannel channel) throws IOException {
    Qmp qmp = new Qmp(channel);
    try {
      qmp.next();
      qmp.execute("qmp_capabilities", Map.of());
      return qmp;
    } catch (IOException | RuntimeException e) {
      try (qmp) {
        throw e;
      }
    }
  }

  private JsonNode next() throws IOException {
    String line = in.readLine();
    if (line == null) {
      throw new IOException("QEMU ended");
    }
    try {
      return MAPPER.readTree(line);
    } catch (JacksonException e) {
      throw new IOException("QEMU answers something else than JSON", e);
    }
  }

  /// Has a command executed; what it returns.
  ///
  /// @throws IOException when QEMU refuses, or is gone
  JsonNode execute(String command, Map<String, ?> arguments) throws IOException {
    String question =
        MAPPER.writeValueAsString(Map.of("execute", command, "arguments", arguments)) + "\n";
    ByteBuffer bytes = ByteBuffer.wrap(question.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    while (true) {
      JsonNode answer = next();
      if (answer.has("return")) {
        return answer.get("return");
      }
      if (answer.has("error")) {
        throw new IOException(
            "QEMU: %s: %s".formatted(command, answer.get("error").path("desc").asString("")));
      }
    }
  }

  /// `running`, or why the machine does not run.
  String status() throws IOException {
    return execute("query-status", Map.of()).path("status").asString("");
  }

  /// What runs the guest.
  Accelerator accelerator() throws IOException {
    return execute("query-kvm", Map.of()).path("enabled").asBoolean(false)
        ? Accelerator.KVM
        : Accelerator.TCG;
  }

  /// Has a command of the human monitor executed; what it prints.
  String human(String line) throws IOException {
    return execute("human-monitor-command", Map.of("command-line", line)).asString("");
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
