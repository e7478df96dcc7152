package io.calco.machine;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// What a machine's screen shows: a picture, and while the adapter is in text mode the text itself.
final class Screen {
  private static final int TEXT_WIDTH = 720; // QEMU draws 80 columns of 9 pixels,
  private static final int TEXT_HEIGHT = 400; // 25 lines of 16
  private static final long TEXT_MEMORY = 0xb8000;
  private static final int COLUMNS = 80;
  private static final int LINES = 25;

  private final Raster picture;
  private final Optional<String> text;

  private Screen(Raster picture, Optional<String> text) {
    this.picture = picture;
    this.text = text;
  }

  /// What is seen.
  Raster picture() {
    return picture;
  }

  /// The lines of text mode.
  Optional<String> text() {
    return text;
  }

  /// Asks the machine.
  ///
  /// @param work a directory that QEMU can write to
  static Screen of(Qmp qmp, Path work) throws IOException {
    Path dump = work.resolve("screen.ppm");
    qmp.execute("screendump", Map.of("filename", dump.toString()));
    Raster picture = Raster.ofPixmap(Files.readAllBytes(dump));
    if (picture.width() != TEXT_WIDTH || picture.height() != TEXT_HEIGHT) {
      return new Screen(picture, Optional.empty());
    }
    Path memory = work.resolve("screen.txt");
    qmp.execute(
        "pmemsave",
        Map.of("val", TEXT_MEMORY, "size", COLUMNS * LINES * 2, "filename", memory.toString()));
    return new Screen(picture, Optional.of(text(Files.readAllBytes(memory))));
  }

  /// Each cell is a character of code page 437 and its colours.
  private static String text(byte[] cells) {
    StringBuilder text = new StringBuilder();
    Charset ascii = StandardCharsets.US_ASCII;
    for (int line = 0; line < LINES; line++) {
      byte[] row = new byte[COLUMNS];
      for (int column = 0; column < COLUMNS; column++) {
        int at = (line * COLUMNS + column) * 2;
        byte cell = at < cells.length ? cells[at] : 0;
        row[column] = cell >= ' ' && cell < 0x7f ? cell : (byte) ' ';
      }
      // One blank stays behind a prompt.
      text.append(new String(row, ascii).stripTrailing()).append(" \n");
    }
    return text.toString();
  }
}
