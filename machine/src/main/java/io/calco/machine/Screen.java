package io.calco.machine;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/// What a machine's screen shows: a picture, which is kept as PNG (W3C, second edition), and while
/// the adapter is in text mode the text itself.
final class Screen {
  private static final int SIDE_MAX = 16384; // ours
  private static final int TEXT_WIDTH = 720; // QEMU draws 80 columns of 9 pixels,
  private static final int TEXT_HEIGHT = 400; // 25 lines of 16
  private static final long TEXT_MEMORY = 0xb8000;
  private static final int COLUMNS = 80;
  private static final int LINES = 25;
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

  private final int width;
  private final int height;

  /// Red, green and blue, a byte each, from the top left.
  private final byte[] pixels;

  private final Optional<String> text;

  private Screen(int width, int height, byte[] pixels, Optional<String> text) {
    this.width = width;
    this.height = height;
    this.pixels = pixels;
    this.text = text;
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
    Screen screen = parse(Files.readAllBytes(dump));
    if (screen.width != TEXT_WIDTH || screen.height != TEXT_HEIGHT) {
      return screen;
    }
    Path memory = work.resolve("screen.txt");
    qmp.execute(
        "pmemsave",
        Map.of("val", TEXT_MEMORY, "size", COLUMNS * LINES * 2, "filename", memory.toString()));
    return new Screen(
        screen.width, screen.height, screen.pixels, Optional.of(text(Files.readAllBytes(memory))));
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

  /// A portable pixmap as QEMU writes it: `P6`, width, height, 255, pixels.
  static Screen parse(byte[] dump) throws IOException {
    int[] numbers = new int[3];
    int at = 2;
    if (dump.length < 3 || dump[0] != 'P' || dump[1] != '6') {
      throw new IOException("QEMU's picture of the screen is no pixmap");
    }
    for (int i = 0; i < numbers.length; i++) {
      at++;
      while (at < dump.length && dump[at] >= '0' && dump[at] <= '9' && numbers[i] <= SIDE_MAX) {
        numbers[i] = numbers[i] * 10 + dump[at++] - '0';
      }
    }
    at++;
    int width = numbers[0];
    int height = numbers[1];
    if (width < 1
        || height < 1
        || width > SIDE_MAX
        || height > SIDE_MAX
        || (long) width * height * 3 != dump.length - at) {
      throw new IOException("QEMU's picture of the screen is not whole");
    }
    byte[] pixels = java.util.Arrays.copyOfRange(dump, at, dump.length);
    return new Screen(width, height, pixels, Optional.empty());
  }

  /// The picture as a PNG file: true colour, no filter.
  byte[] png() throws IOException {
    ByteArrayOutputStream rows = new ByteArrayOutputStream();
    try (DeflaterOutputStream packed = new DeflaterOutputStream(rows)) {
      for (int row = 0; row < height; row++) {
        packed.write(0);
        packed.write(pixels, row * width * 3, width * 3);
      }
    }
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    try (DataOutputStream fields = new DataOutputStream(header)) {
      fields.writeInt(width);
      fields.writeInt(height);
      fields.write(new byte[] {8, 2, 0, 0, 0});
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (DataOutputStream png = new DataOutputStream(file)) {
      png.write(SIGNATURE);
      chunk(png, "IHDR", header.toByteArray());
      chunk(png, "IDAT", rows.toByteArray());
      chunk(png, "IEND", new byte[0]);
    }
    return file.toByteArray();
  }

  private static void chunk(DataOutputStream png, String type, byte[] data) throws IOException {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    png.writeInt(data.length);
    png.write(name);
    png.write(data);
    png.writeInt((int) crc.getValue());
  }
}
