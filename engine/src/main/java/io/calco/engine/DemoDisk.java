package io.calco.engine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// The small disk that the demo works on: GPT, an ESP, an ext4 root with the files of a Debian that
/// has lived a little. It has no kernel and does not boot. `src/demo/make-demo-disk.sh` makes it.
public final class DemoDisk {
  private DemoDisk() {}

  /// Writes the disk to a file that must not exist.
  public static void unpack(Path file) throws IOException {
    try (InputStream disk = DemoDisk.class.getResourceAsStream("demo.qcow2")) {
      if (disk == null) {
        throw new IllegalStateException("the demo's disk is not in this build");
      }
      Files.copy(disk, file);
    }
  }
}
