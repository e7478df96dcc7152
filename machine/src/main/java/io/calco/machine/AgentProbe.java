package io.calco.machine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/// Asks the QEMU guest agent whether it is there. Specification: `qga/qapi-schema.json`,
/// `guest-sync`. Confined.
final class AgentProbe {
  private static final long PAUSE_NANOS = 3_000_000_000L; // ours: between two questions
  private static final int ID = 20_261_122; // any number that the agent does not return by itself
  private static final int ANSWER_MAX = 8192; // ours

  private final SocketChannel channel;
  private final StringBuilder answer = new StringBuilder();
  private long asked = System.nanoTime() - PAUSE_NANOS;

  /// On a connection to the agent's port; not blocking from now on.
  AgentProbe(SocketChannel channel) throws IOException {
    this.channel = channel;
    channel.configureBlocking(false);
  }

  /// True when it answers a question of ours.
  boolean answered() throws IOException {
    if (System.nanoTime() - asked >= PAUSE_NANOS) {
      asked = System.nanoTime();
      String question = "{\"execute\":\"guest-sync\",\"arguments\":{\"id\":%d}}\n".formatted(ID);
      channel.write(ByteBuffer.wrap(question.getBytes(StandardCharsets.US_ASCII)));
    }
    ByteBuffer piece = ByteBuffer.allocate(ANSWER_MAX);
    if (channel.read(piece) > 0) {
      answer.append(StandardCharsets.ISO_8859_1.decode(piece.flip()));
      if (answer.length() > ANSWER_MAX) {
        answer.delete(0, answer.length() - ANSWER_MAX);
      }
    }
    return answer.toString().replace(" ", "").contains("{\"return\":" + ID + "}");
  }
}
