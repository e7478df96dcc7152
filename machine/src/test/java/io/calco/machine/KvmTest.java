package io.calco.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The trial guest runs in the emulation here, which every host has.
@Timeout(180)
class KvmTest {
  @TempDir private Path directory;
  private Path device = Path.of(".");
  private Path notes = Path.of(".");

  @BeforeEach
  void makeDevice() throws IOException {
    device = Files.createFile(directory.resolve("kvm"));
    notes = directory.resolve("cache/calco/kvm");
  }

  /// A program instead of QEMU.
  private Path program(String script) throws IOException {
    Path program = Files.writeString(directory.resolve("qemu"), "#!/bin/sh\n" + script + "\n");
    return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Kvm ask(Path qemu) {
    return Kvm.of(device, Optional.of(qemu), notes, Accelerator.TCG);
  }

  @Test
  void theTrialGuestComesUp() throws IOException {
    Path qemu = Oracle.named(BootTest.PROGRAM).program();
    assertThat(KvmTrial.comesUp(qemu, Accelerator.TCG, Duration.ofMinutes(2))).isTrue();
  }

  @Test
  void whatHangsIsKilledAndBroken() throws IOException {
    Path pid = directory.resolve("pid");
    Path hanging = program("echo $$ > '%s'; exec sleep 1000".formatted(pid));
    assertThat(KvmTrial.comesUp(hanging, Accelerator.TCG, Duration.ofSeconds(3))).isFalse();
    long number = Long.parseLong(Files.readString(pid).strip());
    assertThat(ProcessHandle.of(number).filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void answersAreKept() throws IOException {
    Path tries = directory.resolve("tries");
    assertThat(ask(program("echo x >> '%s'; exit 33".formatted(tries)))).isEqualTo(Kvm.WORKS);
    assertThat(ask(program("echo x >> '%s'; exit 1".formatted(tries)))).isEqualTo(Kvm.WORKS);
    assertThat(tries).hasContent("x");
    Files.writeString(notes, "another-boot WORKS\n");
    assertThat(ask(program("exit 1"))).isEqualTo(Kvm.BROKEN);
    assertThat(ask(program("exit 33"))).isEqualTo(Kvm.BROKEN);
    Instant longAgo = Instant.now().minus(Duration.ofHours(2));
    Files.setLastModifiedTime(notes, FileTime.from(longAgo));
    assertThat(ask(program("exit 33"))).isEqualTo(Kvm.WORKS);
  }

  @Test
  void answersThatCannotBeKeptAreAnswersToo() throws IOException {
    notes = Files.createFile(directory.resolve("file")).resolve("kvm");
    assertThat(ask(program("exit 33"))).isEqualTo(Kvm.WORKS);
  }

  @Test
  void withoutADeviceOrQemuNothingIsTried() throws IOException {
    assertThat(Kvm.of(device, Optional.empty(), notes, Accelerator.TCG)).isEqualTo(Kvm.UNTRIED);
    Files.delete(device);
    assertThat(ask(program("exit 33"))).isEqualTo(Kvm.ABSENT);
    assertThat(notes).doesNotExist();
  }
}
