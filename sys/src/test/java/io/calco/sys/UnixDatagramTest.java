package io.calco.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.testkit.Oracle;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Python listens.
class UnixDatagramTest {
  private static final String LISTEN =
      """
      import socket, sys
      s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      s.bind(sys.argv[1].replace('@', chr(0)))
      print('listening', flush=True)
      print(repr(s.recv(4096).decode()), flush=True)
      """;

  @TempDir private Path directory;

  private static void reaches(String socket) throws Exception {
    Oracle.named("python3");
    Process python = new ProcessBuilder("python3", "-c", LISTEN, socket).start();
    try (BufferedReader told = python.inputReader()) {
      assertThat(told.readLine()).isEqualTo("listening");
      UnixDatagram.send(socket, "READY=1\nSTATUS=ñ");
      assertThat(told.readLine()).isEqualTo("'READY=1\\nSTATUS=ñ'");
      assertThat(python.waitFor(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      python.destroyForcibly();
    }
  }

  @Test
  void reachesASocketByItsPath() throws Exception {
    reaches(directory.resolve("notify").toString());
  }

  @Test
  void reachesAnAbstractSocket() throws Exception {
    reaches("@calco-test-" + ProcessHandle.current().pid());
  }

  @Test
  void tellsWhenNobodyListens() {
    assertThatThrownBy(() -> UnixDatagram.send(directory.resolve("none").toString(), "x"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none");
    for (String bad : new String[] {"", "/" + "x".repeat(107)}) {
      assertThatThrownBy(() -> UnixDatagram.send(bad, "x")).isInstanceOf(IOException.class);
    }
  }
}
