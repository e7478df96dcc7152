package io.calco.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import io.calco.testkit.ProcessEnd;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// With the agent itself, which here answers for this host; it is only asked whether it is there.
@Timeout(60)
class AgentProbeTest {
  @TempDir private Path directory;

  @Test
  void agentIsHeard() throws Exception {
    Path program = Oracle.optional("qemu-ga").program();
    Path socket = directory.resolve("agent.sock");
    Process agent =
        new ProcessBuilder(
                program.toString(),
                "--method=unix-listen",
                "--path=" + socket,
                "--statedir=" + directory)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    try {
      for (int i = 0; i < 100 && !Files.exists(socket); i++) {
        Thread.sleep(100);
      }
      try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
        AgentProbe probe = new AgentProbe(channel);
        boolean heard = false;
        for (int i = 0; i < 200 && !heard; i++) {
          Thread.sleep(50);
          heard = probe.answered();
        }
        assertThat(heard).isTrue();
      }
    } finally {
      ProcessEnd.kill(agent);
    }
  }
}
