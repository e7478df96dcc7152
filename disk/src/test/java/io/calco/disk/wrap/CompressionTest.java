package io.calco.disk.wrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.FileStream;
import io.calco.disk.JobContext;
import io.calco.disk.LocalFile;
import io.calco.disk.StreamCoder;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What we compress, the programs of that name unpack, and we read in its middle.
class CompressionTest {
  @TempDir Path dir;

  private Path pack(byte[] plain, StreamCoder coder) throws IOException {
    Path input = dir.resolve("plain");
    Path output = dir.resolve("packed");
    Files.write(input, plain);
    Files.deleteIfExists(output);
    try (LocalFile source = LocalFile.open(input, false);
        FileChannel target =
            FileChannel.open(output, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      FileStream.copy(source, coder, target, JobContext.SILENT);
    }
    return output;
  }

  @Test
  void isReadByOthers() {
    Seeds.run(
        3,
        random -> {
          byte[] plain = Samples.disk(random.nextInt(5 << 20), random);
          for (StreamCoder coder : List.of(new GzipCoder(true), new GzipCoder(false))) {
            assertReadBy("gzip", plain, coder);
          }
          assertReadBy("bgzip", plain, Compression.GZ.coder());
          assertReadBy("pigz", plain, Compression.GZ.coder());
          for (StreamCoder coder : List.of(new ZstdCoder(true), new ZstdCoder(false))) {
            assertReadBy("zstd", plain, coder);
          }
          for (StreamCoder coder : List.of(new Lz4Coder(true), new Lz4Coder(false))) {
            assertReadBy("lz4", plain, coder);
          }
        });
  }

  private void assertReadBy(String program, byte[] plain, StreamCoder coder) throws IOException {
    pack(plain, coder);
    if (Oracle.find(program).isEmpty()) {
      return;
    }
    Oracle.named("sh")
        .run("-c", "cd %s && %s -dc < packed | cmp - plain".formatted(dir, program))
        .succeeds();
  }

  @Test
  void isReadInItsMiddle() {
    Seeds.run(
        3,
        random -> {
          byte[] plain = Samples.disk(1 + random.nextInt(5 << 20), random);
          for (Compression kind : Compression.values()) {
            Path packed = pack(plain, kind.coder());
            try (var inner = Samples.unwrap(packed, Samples.options(dir)).file()) {
              Samples.assertHolds(inner, plain, random);
            }
          }
        });
  }

  @Test
  void isAskedForByName() {
    assertThat(Compression.ofName("disk.raw.gz")).contains(Compression.GZ);
    assertThat(Compression.ofName("disk.raw.zst")).contains(Compression.ZST);
    assertThat(Compression.ofName("disk.raw.lz4")).contains(Compression.LZ4);
    assertThat(Compression.ofName("disk.raw")).isEmpty();
  }
}
