package io.calco.machine;

import java.io.IOException;
import java.util.Arrays;

/// Points of a picture. A value: the array is not given away.
final class Raster {
  private static final int SIDE_MAX = 16384; // ours

  /// Pictures are compared in so many fields, each about a letter of a text screen.
  private static final int COLUMNS = 80;

  private static final int LINES = 50;

  /// What a field's colour may be off, of 255.
  private static final int SHADE = 24;

  private final int width;
  private final int height;

  /// Red, green and blue, a byte each, from the top left.
  private final byte[] points;

  private Raster(int width, int height, byte[] points) {
    this.width = width;
    this.height = height;
    this.points = points;
  }

  /// Takes the array over.
  ///
  /// @throws IOException when there are other points than the sides say, or none
  static Raster owning(int width, int height, byte[] points) throws IOException {
    requireSides(width, height);
    if ((long) width * height * 3 != points.length) {
      throw new IOException("the picture is not whole");
    }
    return new Raster(width, height, points);
  }

  /// @throws IOException when no picture of ours has such sides
  static void requireSides(int width, int height) throws IOException {
    if (width < 1 || height < 1 || width > SIDE_MAX || height > SIDE_MAX) {
      throw new IOException("the picture has %d × %d points".formatted(width, height));
    }
  }

  /// A portable pixmap as QEMU writes it: `P6`, width, height, 255, points.
  static Raster ofPixmap(byte[] dump) throws IOException {
    int[] numbers = new int[3];
    int at = 2;
    if (dump.length < 3 || dump[0] != 'P' || dump[1] != '6') {
      throw new IOException("the picture of the screen is no pixmap");
    }
    for (int i = 0; i < numbers.length; i++) {
      at++;
      while (at < dump.length && dump[at] >= '0' && dump[at] <= '9' && numbers[i] <= SIDE_MAX) {
        numbers[i] = numbers[i] * 10 + dump[at++] - '0';
      }
    }
    at = Math.min(at + 1, dump.length);
    return owning(numbers[0], numbers[1], Arrays.copyOfRange(dump, at, dump.length));
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /// A line of points, three bytes each.
  void copyLine(int line, byte[] into, int offset) {
    System.arraycopy(points, line * width * 3, into, offset, width * 3);
  }

  /// How much of it looks otherwise than another one, as a share of its surface: 0 to 1. Sizes may
  /// differ; what is smaller than a letter does not count.
  double difference(Raster other) {
    int[] ours = fields();
    int[] theirs = other.fields();
    int off = 0;
    for (int i = 0; i < ours.length; i += 3) {
      if (Math.abs(ours[i] - theirs[i]) > SHADE
          || Math.abs(ours[i + 1] - theirs[i + 1]) > SHADE
          || Math.abs(ours[i + 2] - theirs[i + 2]) > SHADE) {
        off++;
      }
    }
    return (double) off / (COLUMNS * LINES);
  }

  /// The mean colour of each field.
  private int[] fields() {
    int[] fields = new int[COLUMNS * LINES * 3];
    for (int line = 0; line < LINES; line++) {
      int top = line * height / LINES;
      int bottom = Math.max(top + 1, (line + 1) * height / LINES);
      for (int column = 0; column < COLUMNS; column++) {
        int left = column * width / COLUMNS;
        int right = Math.max(left + 1, (column + 1) * width / COLUMNS);
        mean(left, right, top, bottom, fields, (line * COLUMNS + column) * 3);
      }
    }
    return fields;
  }

  private void mean(int left, int right, int top, int bottom, int[] into, int at) {
    long[] sums = new long[3];
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        for (int colour = 0; colour < 3; colour++) {
          sums[colour] += points[(y * width + x) * 3 + colour] & 0xff;
        }
      }
    }
    for (int colour = 0; colour < 3; colour++) {
      into[at + colour] = (int) (sums[colour] / ((long) (right - left) * (bottom - top)));
    }
  }
}
