package io.calco.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A picture of a screen, as a PNG file has it.
public final class ScreenPicture {
  private final byte[] png;

  ScreenPicture(byte[] png) {
    this.png = png;
  }

  /// Writes it to a file, which is replaced.
  public void write(Path file) throws IOException {
    Files.write(file, png);
  }
}
