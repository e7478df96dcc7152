package io.calco.fs.guestfish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program that is talked to, without a machine.
class GuestfishProcessTest {
  private static final Duration SOON = Duration.ofMinutes(1);

  @TempDir Path scratch;

  @BeforeEach
  void installed() {
    GuestfishHost.require();
  }

  @Test
  void repliesHoldAnyByte() throws IOException {
    byte[] odd = {'a', '\n', '"', '\\', '\'', ' ', (byte) 0xfe, 7, '|', '$'};
    try (GuestfishProcess process = GuestfishProcess.start(scratch)) {
      byte[] reply = process.run(SOON, List.of(Command.of("echo").word(odd)));
      assertThat(reply).startsWith(odd).hasSize(odd.length + 1);
      assertThat(process.run(SOON, List.of())).isEmpty();
    }
  }

  @Test
  void failuresAreTold() throws IOException {
    try (GuestfishProcess process = GuestfishProcess.start(scratch)) {
      assertThatThrownBy(() -> process.run(SOON, List.of(Command.of("ls").word("/"))))
          .isInstanceOf(GuestfishException.class);
      byte[] reply = process.run(SOON, List.of(Command.of("echo").word("still there")));
      assertThat(new String(reply, StandardCharsets.UTF_8)).isEqualTo("still there\n");
    }
  }

  @Test
  void itsEndIsTold() throws IOException {
    try (GuestfishProcess process = GuestfishProcess.start(scratch)) {
      assertThatThrownBy(() -> process.run(SOON, List.of(Command.of("exit"))))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("ended unexpectedly");
    }
  }

  @Test
  void itIsNotWaitedForForever() throws IOException {
    try (GuestfishProcess process = GuestfishProcess.start(scratch)) {
      assertThatThrownBy(
              () -> process.run(Duration.ofMillis(500), List.of(Command.of("!exec sleep 50"))))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("did not answer in time");
    }
  }

  @Test
  void linesHaveAnEnd() {
    assertThatThrownBy(() -> Command.of("ls").word("x".repeat(9000)).encode())
        .isInstanceOf(UnsupportedFeatureException.class);
  }
}
