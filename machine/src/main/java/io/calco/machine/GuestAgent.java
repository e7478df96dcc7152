package io.calco.machine;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The QEMU guest agent in a running machine, which may be anybody: it is waited for no longer than
/// stated, and what it says is bounded. Specification: `qga/qapi-schema.json`. Confined.
public final class GuestAgent implements AutoCloseable {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final int ID = 20_261_123; // any number
  private static final int DELIMITER = 0xFF; // no byte of UTF-8
  private static final int ANSWER_MAX = 64 << 10; // ours

  private final SocketChannel channel;
  private final Selector selector;
  private final ByteBuffer heard = ByteBuffer.allocate(4096).flip();

  private GuestAgent(SocketChannel channel) throws IOException {
    this.channel = channel;
    channel.configureBlocking(false);
    selector = Selector.open();
    channel.register(selector, SelectionKey.OP_READ);
  }

  /// Takes over a connection to the agent's port, and makes sure that the agent listens and that
  /// what comes next is for us.
  ///
  /// @throws IOException when nobody answers in time
  static GuestAgent owning(SocketChannel channel, Duration patience) throws IOException {
    GuestAgent agent;
    try {
      agent = new GuestAgent(channel);
    } catch (IOException | RuntimeException e) {
      try (channel) {
        throw e;
      }
    }
    try {
      agent.synchronise(System.nanoTime() + patience.toNanos());
      return agent;
    } catch (IOException | RuntimeException e) {
      try (agent) {
        throw e;
      }
    }
  }

  /// `guest-sync-delimited`: what others were answered comes before the delimiter.
  private void synchronise(long deadline) throws IOException {
    channel.write(ByteBuffer.wrap(new byte[] {(byte) DELIMITER}));
    ask("guest-sync-delimited", Map.of("id", ID));
    JsonNode answer;
    do {
      for (int skipped = 0; next(deadline) != DELIMITER; skipped++) {
        requireShort(skipped);
      }
      answer = answer(deadline);
    } while (answer.path("return").asInt(0) != ID);
  }

  /// Holds the guest's file systems still; what was written to them is on the disk.
  ///
  /// @return how many
  /// @throws IOException when it refuses, or does not do it in time: they may be held all the same
  public int freeze(Duration patience) throws IOException {
    return execute("guest-fsfreeze-freeze", patience).asInt(0);
  }

  /// Lets them go on.
  public void thaw(Duration patience) throws IOException {
    execute("guest-fsfreeze-thaw", patience);
  }

  private JsonNode execute(String command, Duration patience) throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    ask(command, Map.of());
    JsonNode answer = answer(deadline);
    if (!answer.has("return")) {
      String why = answer.path("error").path("desc").asString("");
      throw new IOException("the guest's agent: %s: %s".formatted(command, why));
    }
    return answer.get("return");
  }

  private void ask(String command, Map<String, ?> arguments) throws IOException {
    String line =
        MAPPER.writeValueAsString(Map.of("execute", command, "arguments", arguments)) + "\n";
    // QEMU takes some lines for a guest that is busy.
    ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
    channel.write(bytes);
    if (bytes.hasRemaining()) {
      throw new IOException("the guest's agent takes no questions");
    }
  }

  private JsonNode answer(long deadline) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int one = next(deadline); one != '\n'; one = next(deadline)) {
      line.append((char) one);
      requireShort(line.length());
    }
    try {
      return MAPPER.readTree(line.toString());
    } catch (JacksonException e) {
      throw new IOException("the guest's agent answers something else than JSON", e);
    }
  }

  private static void requireShort(int length) throws IOException {
    if (length > ANSWER_MAX) {
      throw new IOException("the guest's agent says too much");
    }
  }

  private int next(long deadline) throws IOException {
    while (!heard.hasRemaining()) {
      long millis = (deadline - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new SocketTimeoutException("the guest's agent does not answer");
      }
      selector.select(millis);
      selector.selectedKeys().clear();
      heard.clear();
      int count = channel.read(heard);
      heard.flip();
      if (count < 0) {
        throw new IOException("the guest's agent is gone");
      }
    }
    return Byte.toUnsignedInt(heard.get());
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      selector.close();
    }
  }
}
