package io.calco.disk.qcow;

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

/// qcow images, damaged.
class QcowMutationTest extends MutationContract {
  /// The low byte of the field.
  private static final int CRYPT_METHOD = 39;

  @TempDir Path dir;

  @Override
  protected ImageFormat format() {
    return new QcowFormat();
  }

  @Override
  protected List<byte[]> images() throws IOException {
    Random random = new Random(1);
    List<byte[]> images = new ArrayList<>();
    for (String backing : List.of("", "base")) {
      Path image = dir.resolve("image" + backing);
      List<Object> words = new ArrayList<>(List.of("create", "-u", "-f", "qcow"));
      if (!backing.isEmpty()) {
        words.addAll(List.of("-F", "raw", "-b", backing));
        Files.write(dir.resolve(backing), new byte[512]);
      }
      words.addAll(List.of(image, 1 << 20));
      Imports.qemuImg().run(words.toArray()).succeeds();
      Imports.writeSome(image, "qcow", 1 << 20, random);
      images.add(Files.readAllBytes(image));
    }
    Path raw = dir.resolve("content");
    Path packed = dir.resolve("packed");
    Files.write(raw, Imports.content(200 << 10, random));
    Imports.qemuImg().run("create", "-f", "qcow", packed, 200 << 10).succeeds();
    Imports.writeCompressed(packed, "qcow", raw, 4096);
    images.add(Files.readAllBytes(packed));
    byte[] encrypted = images.getFirst().clone();
    encrypted[CRYPT_METHOD] = 1;
    images.add(encrypted);
    return images;
  }

  /// The header, the L1 table and the first L2 table.
  @Override
  protected List<long[]> metadata(byte[] image) {
    return List.of(new long[] {0, 64}, new long[] {0, 12 << 10});
  }
}
