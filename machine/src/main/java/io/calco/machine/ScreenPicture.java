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

  /// The picture in a portable pixmap, as QEMU writes it.
  ///
  /// @throws IOException when it is none
  public static ScreenPicture ofPixmap(byte[] pixmap) throws IOException {
    return of(Raster.ofPixmap(pixmap));
  }

  static ScreenPicture of(Raster picture) throws IOException {
    return new ScreenPicture(Png.write(picture));
  }

  /// The picture that a PNG file holds.
  public static ScreenPicture ofPng(byte[] png) {
    return new ScreenPicture(png.clone());
  }

  /// Its bytes, as a PNG file has them.
  public byte[] png() {
    return png.clone();
  }

  /// Its points.
  ///
  /// @throws IOException when it is no PNG file, or of a kind that is not read ([Png])
  Raster raster() throws IOException {
    return Png.read(png);
  }

  /// Writes it to a file, which is replaced.
  public void write(Path file) throws IOException {
    Files.write(file, png);
  }
}
