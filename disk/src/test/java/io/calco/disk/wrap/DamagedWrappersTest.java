package io.calco.disk.wrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.DiskException;
import io.calco.disk.MemoryFile;
import io.calco.disk.UnwrapOptions;
import io.calco.disk.Wrapping;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whatever the bytes are, unwrapping ends soon and with nothing worse than an exception that is
/// meant for the user.
class DamagedWrappersTest {
  private static final Duration LIMIT = Duration.ofMillis(1500);
  private static final int PLAIN = 300_000;

  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource({
    "gzip, gzip -c plain > packed",
    "bgzip, bgzip -c plain > packed",
    "zstd, zstd -q -c plain > packed",
    "pzstd, head -c 100000 plain | zstd -q > packed; tail -c 200000 plain | zstd -q >> packed",
    "xz, xz -c plain > packed",
    "xz, xz -T1 --block-size=90000 -c plain > packed",
    "lz4, lz4 -q -B4 -BD plain packed",
    "lz4, lz4 -q -B4 -BI -BX plain packed",
    "bzip2, bzip2 -1 -c plain > packed",
    "zip, zip -q packed.zip plain; mv packed.zip packed",
    "tar, truncate -s 1M plain; tar -Scf packed plain; truncate -s 300000 plain",
  })
  void areRefusedOrReadAsTheyWere(String program, String command) throws IOException {
    Oracle.named(program);
    byte[] plain = Samples.disk(PLAIN, new Random(7));
    Files.write(dir.resolve("plain"), plain);
    Oracle.named("sh").run("-c", "cd %s; %s".formatted(dir, command)).succeeds();
    byte[] packed = Files.readAllBytes(dir.resolve("packed"));
    long end = System.nanoTime() + LIMIT.toNanos();
    Seeds.run(
        3000,
        random -> {
          if (System.nanoTime() < end) {
            // A tar keeps no checksums of its files.
            tryAll(damaged(packed, random), program.equals("tar") ? new byte[0] : plain);
          }
        });
  }

  private static byte[] damaged(byte[] packed, Random random) {
    byte[] bytes = packed.clone();
    int area = random.nextBoolean() ? bytes.length : Math.min(bytes.length, 64);
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      int at = random.nextInt(area);
      if (random.nextInt(4) == 0) {
        at = bytes.length - 1 - random.nextInt(Math.min(bytes.length, 64));
      }
      bytes[at] =
          switch (random.nextInt(3)) {
            case 0 -> (byte) random.nextInt();
            case 1 -> (byte) (random.nextBoolean() ? 0xff : 0);
            default -> (byte) (bytes[at] ^ 1 << random.nextInt(8));
          };
    }
    if (random.nextInt(6) == 0) {
      bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
    }
    return bytes;
  }

  private void tryAll(byte[] packed, byte[] plain) throws IOException {
    MemoryFile file = new MemoryFile(packed);
    UnwrapOptions options = Samples.options(dir).withOutputLimit(64 << 20);
    Wrapping.Unwrapped unwrapped = null;
    try {
      unwrapped = Wrapping.unwrapOwning(file, options);
    } catch (DiskException | EOFException expected) {
      assertThat(expected.getMessage()).isNotBlank().doesNotContain("\n");
    }
    if (unwrapped == null || unwrapped.wrappers().isEmpty()) {
      return;
    }
    try (var inner = unwrapped.file()) {
      byte[] start = new byte[1000];
      inner.read(0, MemorySegment.ofArray(start));
      long size = inner.size();
      byte[] all = Samples.read(inner, 0, Math.toIntExact(size));
      assertThat(Arrays.copyOf(all, start.length)).isEqualTo(start);
      assertThat(Arrays.equals(Arrays.copyOf(all, plain.length), plain)).isTrue();
    } catch (DiskException | EOFException expected) {
      assertThat(expected.getMessage()).isNotBlank().doesNotContain("\n");
    }
    assertThat(file.closed()).isTrue();
  }
}
