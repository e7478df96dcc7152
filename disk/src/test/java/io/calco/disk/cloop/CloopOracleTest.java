package io.calco.disk.cloop;

import io.calco.disk.Imports;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// cloop images made by cloop's own program, and by the description alone.
class CloopOracleTest {
  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(ints = {4096, 65536, 1 << 20})
  void readsWhatCloopWrote(int blockSize) {
    Seeds.run(
        1,
        random -> {
          Path raw = dir.resolve("raw");
          Path image = dir.resolve("image");
          byte[] content = Imports.content((3 << 20) + 512, random);
          Files.write(raw, content);
          Oracle.named("create_compressed_fs")
              .run("-q", "-m", "-B", blockSize, raw, image)
              .succeeds();
          int blocks = (content.length - 1) / blockSize + 1;
          byte[] expected = Arrays.copyOf(content, blocks * blockSize);
          Imports.assertReads(image, "cloop", expected, random);
        });
  }

  @Test
  void readsAsQemuReads() {
    Seeds.run(
        3,
        random -> {
          Path image = dir.resolve("image");
          int blockSize = (1 + random.nextInt(300)) * 512;
          Files.write(image, Cloops.pack(Imports.content(2 << 20, random), blockSize));
          Imports.assertReads(image, "cloop", Imports.qemuRead(image, "cloop"), random);
        });
  }
}
