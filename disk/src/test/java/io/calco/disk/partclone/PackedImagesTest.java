package io.calco.disk.partclone;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Images compressed and cut as Clonezilla leaves them.
class PackedImagesTest {
  private static final int SIZE = 6 << 20;

  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource({"gzip,.gz", "zstd,.zst", "lz4,.lz4", "xz,.xz", "bzip2,.bz2", "cat,.uncomp"})
  void areReadAnywhere(String program, String suffix) throws IOException {
    Images.Device device = Images.device(new Random(4), SIZE, 4096);
    Arrays.fill(device.content(), SIZE / 2, SIZE, (byte) 7);
    byte[] image =
        Images.version2(device, new PartcloneOptions("EXTFS", Checksum.XXH128, Optional.of(2560)));
    Path bare = Files.write(dir.resolve("bare"), image);
    String name = "sda1.ext4-ptcl-img" + suffix;
    Oracle.named(program);
    Oracle.named("bash")
        .run(
            "-c",
            "set -o pipefail; %s <%s | split -b 1000000 - %s."
                .formatted(program, bare, dir.resolve(name)))
        .succeeds();
    try (Image open = Image.open(dir.resolve(name + ".aa"), ImageOptions.reading())) {
      assertThat(open.format()).isEqualTo("partclone");
      Random random = new Random(5);
      for (int i = 0; i < 30; i++) {
        int offset = random.nextInt(SIZE);
        int length = random.nextInt(Math.min(SIZE - offset, 1 << 20));
        byte[] expected = new byte[length];
        for (int at = 0; at < length; at++) {
          boolean used = device.used().get((offset + at) / device.blockSize());
          expected[at] = used ? device.content()[offset + at] : 0;
        }
        assertThat(open.disk().readBytes(offset, length)).isEqualTo(expected);
      }
      assertThat(open.verify(JobContext.SILENT).clean()).isTrue();
    }
  }
}
