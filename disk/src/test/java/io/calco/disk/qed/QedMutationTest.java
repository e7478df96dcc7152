package io.calco.disk.qed;

import io.calco.disk.ImageFormat;
import io.calco.disk.Imports;
import io.calco.disk.MutationContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

/// QED images, damaged.
class QedMutationTest extends MutationContract {
  @TempDir Path dir;

  @Override
  protected ImageFormat format() {
    return new QedFormat();
  }

  @Override
  protected List<byte[]> images() throws IOException {
    Random random = new Random(1);
    List<byte[]> images = new ArrayList<>();
    for (String layout :
        List.of("cluster_size=4096,table_size=2", "cluster_size=8192,table_size=4")) {
      Path image = dir.resolve("image" + images.size());
      Imports.qemuImg()
          .run("create", "-u", "-f", "qed", "-o", layout, "-F", "raw", "-b", "base", image, "1M")
          .succeeds();
      Files.write(dir.resolve("base"), new byte[512]);
      Imports.writeSome(image, "qed", 1 << 20, random);
      images.add(Files.readAllBytes(image));
    }
    return images;
  }

  /// The header, the L1 table, the first L2 table.
  @Override
  protected List<long[]> metadata(byte[] image) {
    return List.of(
        new long[] {0, 64},
        new long[] {4096, 64},
        new long[] {12288, 2048},
        new long[] {40960, 64});
  }
}
