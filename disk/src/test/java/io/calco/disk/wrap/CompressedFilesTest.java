package io.calco.disk.wrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Wrapping;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What other programs compressed is read anywhere, byte for byte.
class CompressedFilesTest {
  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource({
    "gz, gzip, gzip -1",
    "gz, gzip, gzip -9",
    "gz, gzip, gzip --rsyncable",
    "gz, pigz, pigz -b 128",
    "gz, pigz, pigz -i",
    "gz, pigz, pigz -11 -I 1",
    "gz, bgzip, bgzip",
    "gz, bgzip, sh -c 'head -c 900000 | bgzip; gzip' sh",
    "zst, zstd, zstd",
    "zst, zstd, zstd -19 --long=27",
    "zst, zstd, zstd --no-check -B32768",
    "zst, pzstd, pzstd",
    "xz, xz, xz -1",
    "xz, xz, xz -T2 --block-size=300000 --check=sha256",
    "bz2, bzip2, bzip2 -1",
    "bz2, bzip2, bzip2 -9",
    "lz4, lz4, lz4 -B4 -BI",
    "lz4, lz4, lz4 -B7 -BD -BX --content-size",
    "lz4, lz4, lz4 -9 -B5 -BD --no-frame-crc",
  })
  void areReadAnywhere(String wrapper, String program, String command) {
    Oracle.named(program);
    Seeds.run(
        1,
        random -> {
          int length = random.nextInt(4) == 0 ? random.nextInt(100) : random.nextInt(6 << 20);
          byte[] plain = Samples.disk(length, random);
          Path file = compress(command, plain);
          assertUnwraps(file, wrapper, plain, random);
        });
  }

  private void assertUnwraps(Path file, String wrapper, byte[] plain, Random random)
      throws IOException {
    Wrapping.Unwrapped unwrapped = Samples.unwrap(file, Samples.options(dir));
    try (var inner = unwrapped.file()) {
      assertThat(unwrapped.wrappers()).isEqualTo(List.of(wrapper));
      Samples.assertHolds(inner, plain, random);
    }
    assertThat(dir).isDirectoryNotContaining("glob:**.part");
  }

  /// The output of a command that compresses its standard input.
  private Path compress(String command, byte[] plain) throws IOException {
    Path input = dir.resolve("plain");
    Path output = dir.resolve("packed");
    Files.write(input, plain);
    Oracle.named("sh").run("-c", "%s -c < %s > %s".formatted(command, input, output)).succeeds();
    return output;
  }
}
