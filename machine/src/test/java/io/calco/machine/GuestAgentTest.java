package io.calco.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.testkit.Oracle;
import io.calco.testkit.ProcessEnd;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// With agents that say what a test has them say, and with the agent itself, which here would hold
/// this host's file systems: it is told beforehand not to.
@Timeout(120)
class GuestAgentTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String SYNCHRONISED = "\u00ff{\"return\": 20261123}\n";

  @TempDir private Path directory;

  private Path socket() {
    return directory.resolve("agent.sock");
  }

  private GuestAgent connect(Duration patience) throws IOException {
    return GuestAgent.owning(SocketChannel.open(UnixDomainSocketAddress.of(socket())), patience);
  }

  /// Says one text after each line that it hears; ends after the last.
  private Thread saying(List<String> texts) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket()));
    return Thread.ofPlatform()
        .start(() -> {
          try (server;
              SocketChannel channel = server.accept()) {
            InputStream in = Channels.newInputStream(channel);
            OutputStream out = Channels.newOutputStream(channel);
            for (String text : texts) {
              for (int one = in.read(); one != '\n' && one >= 0; one = in.read()) {}
              out.write(text.getBytes(StandardCharsets.ISO_8859_1));
            }
          } catch (IOException e) {
            // The other side has left.
          }
        });
  }

  @Test
  void whatOthersWereAnsweredIsPassedOver() throws Exception {
    Thread fake =
        saying(
            List.of(
                "{\"return\": 7}\n{\"ret\u00ff{\"return\": 5}\n" + SYNCHRONISED,
                "{\"return\": 3}\n",
                "{\"return\": 3}\n"));
    try (GuestAgent agent = connect(PATIENCE)) {
      assertThat(agent.freeze(PATIENCE)).isEqualTo(3);
      agent.thaw(PATIENCE);
    }
    fake.join();
  }

  @Test
  void oneThatSaysNothingIsNotWaitedForLong() throws Exception {
    Thread fake = saying(List.of("", ""));
    assertThatThrownBy(() -> connect(Duration.ofMillis(200)))
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessage("the guest's agent does not answer");
    fake.join();
  }

  @Test
  void oneThatNeverEndsIsNotHeardToTheEnd() throws Exception {
    for (String much : List.of("x".repeat(100_000), "\u00ff" + "x".repeat(100_000))) {
      Thread fake = saying(List.of(much, ""));
      assertThatThrownBy(() -> connect(PATIENCE)).hasMessage("the guest's agent says too much");
      fake.join();
      Files.deleteIfExists(socket());
    }
  }

  @Test
  void oneThatGoesOrSaysNonsenseIsNoAgent() throws Exception {
    Thread fake = saying(List.of(""));
    assertThatThrownBy(() -> connect(PATIENCE)).hasMessage("the guest's agent is gone");
    fake.join();
    Files.deleteIfExists(socket());
    fake = saying(List.of("\u00ff{]\n", ""));
    assertThatThrownBy(() -> connect(PATIENCE)).hasMessageContaining("something else than JSON");
    fake.join();
  }

  @Test
  void theAgentItselfRefusesWhatItMayNot() throws Exception {
    Path program = Oracle.optional("qemu-ga").program();
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--method=unix-listen",
                "--path=" + socket(),
                "--statedir=" + directory,
                "--block-rpcs=guest-fsfreeze-freeze,guest-fsfreeze-thaw")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    try {
      while (!Files.exists(socket())) {
        Thread.sleep(100);
      }
      try (GuestAgent agent = connect(PATIENCE)) {
        assertThatThrownBy(() -> agent.freeze(PATIENCE))
            .hasMessageContaining("guest-fsfreeze-freeze")
            .hasMessageContaining("disabled");
      }
    } finally {
      ProcessEnd.kill(process);
    }
  }
}
