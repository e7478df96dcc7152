package io.calco.disk.parallels;

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

/// Parallels images, damaged.
class ParallelsMutationTest extends MutationContract {
  @TempDir Path dir;

  @Override
  protected ImageFormat format() {
    return new ParallelsFormat();
  }

  @Override
  protected List<byte[]> images() throws IOException {
    List<byte[]> images = new ArrayList<>();
    for (String layout : List.of("cluster_size=4096", "cluster_size=64k")) {
      Path image = dir.resolve("image" + images.size());
      Imports.qemuImg().run("create", "-f", "parallels", "-o", layout, image, "1M").succeeds();
      Imports.writeSome(image, "parallels", 1 << 20, new Random(1));
      images.add(Files.readAllBytes(image));
    }
    return images;
  }

  @Override
  protected List<long[]> metadata(byte[] image) {
    return List.of(new long[] {16, 48}, new long[] {64, 1024});
  }
}
