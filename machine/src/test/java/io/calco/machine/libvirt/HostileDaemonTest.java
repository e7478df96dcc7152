package io.calco.machine.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A daemon that breaks its protocol: one line, no endless wait, no memory for what is not there.
@Timeout(120)
class HostileDaemonTest {
  private static final int LOOKUP = Procedure.DOMAIN_LOOKUP_BY_NAME.number();

  @TempDir private Path directory;

  /// What the question for a machine ends in.
  private Throwable failure(Duration patience, FakeDaemon.Answer answer) throws IOException {
    try (FakeDaemon daemon = new FakeDaemon(directory.resolve("sock"), answer);
        Connection connection =
            Connection.owning("fake", daemon.connect(), "qemu:///system", patience)) {
      Throwable failure = catchThrowable(() -> connection.domains().get("vm"));
      assertThat(failure).isInstanceOf(IOException.class);
      assertThat(failure.getMessage()).doesNotContain("\n");
      return failure;
    }
  }

  private Throwable failure(FakeDaemon.Answer answer) throws IOException {
    return failure(Duration.ofSeconds(60), answer);
  }

  @Test
  void cutAnswer() throws IOException {
    assertThat(
            failure((out, serial) -> {
              FakeDaemon.header(out, 1000, LOOKUP, 1, serial);
              out.writeInt(2);
              out.close();
            }))
        .hasMessageContaining("hung up");
  }

  @Test
  void oversizeMessage() throws IOException {
    assertThat(failure((out, serial) -> out.writeInt(Integer.MAX_VALUE)))
        .hasMessageContaining("breaks its protocol")
        .hasMessageContaining("2147483647");
    java.nio.file.Files.delete(directory.resolve("sock"));
    assertThat(failure((out, serial) -> out.writeInt(3))).hasMessageContaining("a message of 3");
  }

  @Test
  void promisedButNotSent() throws IOException {
    assertThat(
            failure((out, serial) -> {
              FakeDaemon.header(out, Wire.MESSAGE_MAX, LOOKUP, 1, serial);
              out.close();
            }))
        .hasMessageContaining("hung up");
  }

  @Test
  void wrongSerial() throws IOException {
    assertThat(failure((out, serial) -> FakeDaemon.header(out, 28, LOOKUP, 1, serial + 7)))
        .hasMessageContaining("which was not asked");
  }

  @Test
  void answerToAnotherQuestion() throws IOException {
    assertThat(failure((out, serial) -> FakeDaemon.header(out, 28, 1, 1, serial)))
        .hasMessageContaining("which was not asked");
  }

  @Test
  void streamThatNobodyOpened() throws IOException {
    assertThat(failure((out, serial) -> FakeDaemon.header(out, 28, LOOKUP, 3, serial)))
        .hasMessageContaining("no stream");
  }

  @Test
  void otherProgram() throws IOException {
    assertThat(
            failure((out, serial) -> {
              out.writeInt(28);
              out.writeLong(0);
              out.writeLong(0);
              out.writeLong(0);
            }))
        .hasMessageContaining("program 0x0");
  }

  @Test
  void shortContent() throws IOException {
    assertThat(
            failure((out, serial) -> {
              FakeDaemon.header(out, 32, LOOKUP, 1, serial);
              out.writeInt(Integer.MAX_VALUE);
            }))
        .hasMessageContaining("a string of 2147483647 bytes");
  }

  @Test
  void silence() throws IOException {
    assertThat(failure(Duration.ofSeconds(1), (out, serial) -> {}))
        .hasMessageContaining("does not answer DOMAIN_LOOKUP_BY_NAME after 1 s");
  }
}
