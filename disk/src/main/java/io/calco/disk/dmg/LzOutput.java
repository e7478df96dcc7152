package io.calco.disk.dmg;

import java.io.IOException;

/// What an LZ decoder has unpacked, in an array that it must not leave. Confined.
final class LzOutput {
  private final byte[] bytes;
  private int length;

  LzOutput(byte[] bytes) {
    this.bytes = bytes;
  }

  int length() {
    return length;
  }

  boolean isFull() {
    return length == bytes.length;
  }

  void literals(byte[] from, int at, int count) throws IOException {
    if (count > bytes.length - length) {
      throw new IOException("%d literals at %d do not fit".formatted(count, length));
    }
    System.arraycopy(from, at, bytes, length, count);
    length += count;
  }

  void match(int distance, int count) throws IOException {
    if (distance < 1 || distance > length || count > bytes.length - length) {
      throw new IOException(
          "a match of %d bytes, %d back, at %d does not fit".formatted(count, distance, length));
    }
    if (distance >= count) {
      System.arraycopy(bytes, length - distance, bytes, length, count);
      length += count;
    } else {
      for (int end = length + count; length < end; length++) {
        bytes[length] = bytes[length - distance];
      }
    }
  }
}
