package io.calco.engine;

import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Facts of disk files on this host.
final class HostDisks {
  private HostDisks() {}

  /// Host blocks that a file takes, in bytes; 0 when it is not there.
  static long allocatedSize(Path file) throws IOException {
    if (!Files.exists(file)) {
      return 0;
    }
    ImageOptions raw = ImageOptions.reading().withFormat("raw").with(Access.METADATA);
    try (Image image = Image.open(file, raw)) {
      return image.allocatedSize();
    }
  }
}
