package io.calco.disk.partclone;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// partclone's programs. Each sleeps for two seconds, so tests run several at once.
final class Partclone {
  private Partclone() {}

  /// Makes an image of a device.
  ///
  /// @param program `extfs`, `ntfs` …
  static void save(String program, Path device, Path image, List<String> options) {
    List<Object> arguments =
        new ArrayList<>(List.of("-c", "-F", "-q", "-L", "/dev/null", "-s", device, "-o", image));
    arguments.addAll(options);
    Oracle.named("partclone." + program).run(arguments.toArray()).succeeds();
  }

  /// Compares an image's blocks with their checksums.
  static Oracle.Run check(Path image) {
    return Oracle.named("partclone.chkimg").run("-L", "/dev/null", "-s", image);
  }

  /// A raw image of the device that partclone restores from an image onto zeroes.
  ///
  /// Of partclone 0.3.23: a target that is not there is made or not as the stack has it; and a
  /// buffer that does not hold a whole number of strips is overrun.
  ///
  /// @param strip bytes of blocks under one checksum
  static Path restore(Path image, long size, int strip) throws IOException {
    Path target = image.resolveSibling(image.getFileName() + ".restored");
    try (RandomAccessFile file = new RandomAccessFile(target.toFile(), "rw")) {
      file.setLength(size);
    }
    int buffer = Math.max(1, (1 << 20) / strip) * strip;
    Oracle.named("partclone.restore")
        .run("-C", "-q", "-L", "/dev/null", "-z", buffer, "-s", image, "-O", target)
        .succeeds();
    return target;
  }
}
