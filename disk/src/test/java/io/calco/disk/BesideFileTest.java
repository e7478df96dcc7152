package io.calco.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.sys.ProcessMark;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BesideFileTest {
  @TempDir Path dir;

  @Test
  void publishesWhole() throws IOException {
    Path target = dir.resolve("web1.qcow2");
    try (BesideFile part = BesideFile.of(target)) {
      assertThat(part.path().getParent()).isEqualTo(dir);
      assertThat(part.path()).doesNotExist();
      Files.writeString(part.path(), "new");
      assertThat(target).doesNotExist();
      part.publish();
    }
    assertThat(dir.toFile().list()).containsExactly("web1.qcow2");
    assertThat(target).hasContent("new");
  }

  @Test
  void neverTakesANameThatIsTaken() throws IOException {
    Path target = Files.writeString(dir.resolve("f"), "old");
    try (BesideFile part = BesideFile.of(target)) {
      Files.writeString(part.path(), "new");
      assertThatThrownBy(part::publish).isInstanceOf(FileAlreadyExistsException.class);
    }
    assertThat(target).hasContent("old");
    assertThat(dir.toFile().list()).containsExactly("f");
  }

  @Test
  void replacesWhenAsked() throws IOException {
    Path target = Files.writeString(dir.resolve("f"), "old");
    try (BesideFile part = BesideFile.of(target)) {
      Files.writeString(part.path(), "new");
      part.publishReplacing();
    }
    assertThat(target).hasContent("new");
  }

  @Test
  void leavesNothingAfterAFailure() throws IOException {
    try (BesideFile part = BesideFile.of(dir.resolve("f"))) {
      Files.writeString(part.path(), "half");
    }
    assertThat(dir).isEmptyDirectory();
  }

  @Test
  void sweepsWhatTheDeadLeft() throws Exception {
    Process child = new ProcessBuilder("true").start();
    child.waitFor();
    ProcessMark self = ProcessMark.self();
    Path dead = named(new ProcessMark(self.host(), child.pid(), self.start()));
    Path reused = named(new ProcessMark(self.host(), self.pid(), self.start() + 1));
    Path alive = named(self);
    ProcessMark elsewhere =
        new ProcessMark(self.host().equals("00000000") ? "1" : "00000000", 1, 1);
    Path strange = named(elsewhere);
    Path foreign = Files.createFile(dir.resolve(".someone.elses.1.part"));
    assertThat(BesideFile.sweep(dir)).containsExactlyInAnyOrder(dead, reused);
    assertThat(dir.toFile().list()).hasSize(3);

    Instant twoDaysAgo = Instant.now().minus(Duration.ofDays(2));
    Files.setLastModifiedTime(strange, FileTime.from(twoDaysAgo));
    Files.setLastModifiedTime(alive, FileTime.from(twoDaysAgo));
    Files.setLastModifiedTime(foreign, FileTime.from(twoDaysAgo));
    assertThat(BesideFile.sweep(dir)).containsExactly(strange);
  }

  private Path named(ProcessMark mark) throws IOException {
    return Files.createFile(dir.resolve(".web1.qcow2.%s.7.part".formatted(mark)));
  }

  @Test
  void copiesSparsely() throws IOException {
    Path source = dir.resolve("source");
    byte[] data = new byte[1 << 20];
    java.util.Arrays.fill(data, 0, 1 << 19, (byte) 3);
    try (LocalFile file = LocalFile.create(source)) {
      file.write(5 << 20, java.lang.foreign.MemorySegment.ofArray(data)); // half of it zeroes
      file.truncate((64 << 20) + 77);
    }
    Path target = dir.resolve("target");
    FileCopy.copy(source, target, JobContext.SILENT);
    assertThat(Files.mismatch(source, target)).isEqualTo(-1);
    try (LocalFile file = LocalFile.open(target, false)) {
      assertThat(file.allocatedSize()).isLessThanOrEqualTo(2 << 20);
    }
    assertThatThrownBy(() -> FileCopy.copy(source, target, JobContext.SILENT))
        .isInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void aCancelledCopyLeavesNothing() throws IOException {
    Path source = Files.write(dir.resolve("source"), new byte[3 << 20]);
    JobContext cancelled =
        new JobContext() {
          @Override
          public void progress(String step, long done, long total) {}

          @Override
          public void checkCancelled() {
            throw new CancellationException();
          }
        };
    Path target = dir.resolve("target");
    try {
      FileCopy.Way way = FileCopy.copy(source, target, cancelled);
      assertThat(way).as("too quick to be cancelled").isEqualTo(FileCopy.Way.REFLINK);
    } catch (CancellationException e) {
      assertThat(target).doesNotExist();
    }
  }
}
