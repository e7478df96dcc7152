package io.calco.fs.btrfs;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the kernel's file systems do not come to: zstd without native code, and sums of all
/// lengths.
class CompressionTest {
  @TempDir Path directory;

  @Test
  void zstdIsUnpackedWithoutNativeCode() throws IOException {
    byte[] plain =
        "words that pack well, and more of them\n".repeat(3000).getBytes(StandardCharsets.US_ASCII);
    plain = Arrays.copyOf(plain, Compression.MAX);
    byte[] packed = Zstd.compress(plain);
    byte[] onDisk = Arrays.copyOf(packed, Math.ceilDiv(packed.length, 4096) * 4096);
    byte[] unpacked = new byte[plain.length];
    Compression.unpackJava(onDisk, unpacked);
    assertThat(unpacked).isEqualTo(plain);
    byte[] byNativeCode = new byte[plain.length];
    Compression.ZSTD.unpack(onDisk, byNativeCode, 4096);
    assertThat(byNativeCode).isEqualTo(plain);
  }

  @Test
  void blake2bIsCoreutils() throws IOException {
    byte[] bytes = new byte[700];
    new Random(1).nextBytes(bytes);
    for (int length : new int[] {0, 1, 127, 128, 129, 255, 256, 257, 600}) {
      Path file = directory.resolve("bytes");
      Files.write(file, Arrays.copyOfRange(bytes, 32, 32 + length));
      String sum = Oracle.named("b2sum").run("-l", "256", file).succeeds().out();
      assertThat(HexFormat.of().formatHex(Blake2b.of256(bytes, 32, 32 + length)))
          .isEqualTo(sum.substring(0, 64));
    }
  }
}
