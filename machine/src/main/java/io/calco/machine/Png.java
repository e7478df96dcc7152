package io.calco.machine;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/// PNG files (W3C, second edition). Written: true colour, no filter. Read: grey and true colour of
/// eight bits, with or without transparency, which counts for nothing; not interlaced. Palettes are
/// refused.
final class Png {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int TRUE_COLOUR = 2;

  private Png() {}

  static byte[] write(Raster picture) throws IOException {
    ByteArrayOutputStream rows = new ByteArrayOutputStream();
    byte[] row = new byte[1 + picture.width() * 3];
    try (DeflaterOutputStream packed = new DeflaterOutputStream(rows)) {
      for (int line = 0; line < picture.height(); line++) {
        picture.copyLine(line, row, 1);
        packed.write(row);
      }
    }
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    try (DataOutputStream fields = new DataOutputStream(header)) {
      fields.writeInt(picture.width());
      fields.writeInt(picture.height());
      fields.write(new byte[] {8, TRUE_COLOUR, 0, 0, 0});
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

  /// @throws IOException when it is none, or of a kind that is not read
  static Raster read(byte[] file) throws IOException {
    try {
      ByteBuffer in = ByteBuffer.wrap(file);
      byte[] signature = new byte[SIGNATURE.length];
      in.get(signature);
      if (!Arrays.equals(signature, SIGNATURE) || in.getInt() != 13 || in.getInt() != 0x49484452) {
        throw new IOException("it is no PNG picture");
      }
      int width = in.getInt();
      int height = in.getInt();
      Raster.requireSides(width, height);
      int depth = in.get();
      int channels =
          switch (in.get()) {
            case 0 -> 1;
            case TRUE_COLOUR -> 3;
            case 4 -> 2;
            case 6 -> 4;
            default -> throw new IOException("it is a PNG picture with a palette");
          };
      boolean plain = in.getShort() == 0 && in.get() == 0; // compression, filters; interlacing
      if (depth != 8 || !plain) {
        throw new IOException("it is a PNG picture of another kind than screens are kept in");
      }
      in.getInt();
      try (InputStream rows = new InflaterInputStream(new ByteArrayInputStream(content(in)))) {
        return Raster.owning(width, height, points(rows, width, height, channels));
      }
    } catch (BufferUnderflowException | EOFException e) {
      throw new IOException("the PNG picture is cut off", e);
    }
  }

  /// All of its `IDAT`s.
  private static byte[] content(ByteBuffer in) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    while (in.hasRemaining()) {
      int length = in.getInt();
      int type = in.getInt();
      if (length < 0 || length > in.remaining()) {
        throw new EOFException();
      }
      byte[] data = new byte[length];
      in.get(data);
      in.getInt();
      if (type == 0x49444154) {
        content.write(data);
      }
    }
    return content.toByteArray();
  }

  private static byte[] points(InputStream rows, int width, int height, int channels)
      throws IOException {
    byte[] points = new byte[Math.multiplyExact(Math.multiplyExact(width, height), 3)];
    byte[] above = new byte[width * channels];
    for (int line = 0; line < height; line++) {
      int filter = rows.read();
      byte[] row = rows.readNBytes(width * channels);
      if (filter < 0 || row.length < width * channels) {
        throw new EOFException();
      }
      unfilter(filter, row, above, channels);
      for (int x = 0; x < width; x++) {
        for (int colour = 0; colour < 3; colour++) {
          points[(line * width + x) * 3 + colour] = row[x * channels + (channels < 3 ? 0 : colour)];
        }
      }
      above = row;
    }
    return points;
  }

  private static void unfilter(int filter, byte[] row, byte[] above, int channels)
      throws IOException {
    for (int i = 0; i < row.length; i++) {
      int left = i < channels ? 0 : row[i - channels] & 0xff;
      int up = above[i] & 0xff;
      int corner = i < channels ? 0 : above[i - channels] & 0xff;
      int guess =
          switch (filter) {
            case 0 -> 0;
            case 1 -> left;
            case 2 -> up;
            case 3 -> (left + up) / 2;
            case 4 -> paeth(left, up, corner);
            default -> throw new IOException("the PNG picture has the unknown filter " + filter);
          };
      row[i] += (byte) guess;
    }
  }

  private static int paeth(int left, int up, int corner) {
    int all = left + up - corner;
    int byLeft = Math.abs(all - left);
    int byUp = Math.abs(all - up);
    int byCorner = Math.abs(all - corner);
    return byLeft <= byUp && byLeft <= byCorner ? left : byUp <= byCorner ? up : corner;
  }
}
