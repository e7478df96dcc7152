package io.calco.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EarlyWriteOutTest {
  @TempDir private Path directory;

  private static boolean runs() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("write-out"));
  }

  @Test
  void goesOnBesideWritesAndEndsWhenClosed() throws Exception {
    Path path = directory.resolve("file");
    byte[] bytes = new byte[3 << 20];
    new Random(5).nextBytes(bytes);
    try (LocalFile file = LocalFile.create(path)) {
      try (EarlyWriteOut _ = EarlyWriteOut.of(path)) {
        assertThat(runs()).isTrue();
        for (int i = 0; i < 8; i++) {
          file.write(
              (long) i * bytes.length,
              Arena.ofAuto().allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes)));
          Thread.sleep(10);
        }
        assertThat(runs()).as("no write out has failed").isTrue();
      }
      assertThat(runs()).isFalse();
      file.sync();
    }
    byte[] read = Files.readAllBytes(path);
    assertThat(read).hasSize(8 * bytes.length);
    assertThat(Arrays.copyOfRange(read, 7 * bytes.length, read.length)).isEqualTo(bytes);
  }
}
