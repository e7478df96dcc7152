package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// Writes a tar of plain files, each with a ustar header; sizes from 8 GiB on are in GNU's binary
/// form, which all programs of today read. Thread rule: confined.
final class TarWriter {
  private static final long OCTAL_MAX = 0_77_777_777_777L;

  private final HostFile file;
  private final long seconds;

  /// @param seconds since 1970: the time that all members bear
  TarWriter(HostFile file, long seconds) {
    this.file = file;
    this.seconds = seconds;
  }

  /// Where the data of a member begins whose header stands at `offset`.
  static long data(long offset) {
    return offset + TarReader.BLOCK;
  }

  /// Where the next header stands.
  static long behind(long offset, long size) {
    return data(offset) + (size + TarReader.BLOCK - 1 & -TarReader.BLOCK);
  }

  /// Writes a header.
  void header(long offset, String name, long size) throws IOException {
    file.write(offset, MemorySegment.ofArray(block(name, size, seconds)));
  }

  /// A header.
  static byte[] block(String name, long size, long seconds) {
    byte[] block = new byte[TarReader.BLOCK];
    text(block, 0, 100, name);
    text(block, 100, 8, "0000644");
    text(block, 108, 8, "0000000");
    text(block, 116, 8, "0000000");
    if (size <= OCTAL_MAX) {
      text(block, 124, 12, "%011o".formatted(size));
    } else {
      block[124] = (byte) 0x80;
      for (int i = 0; i < 8; i++) {
        block[128 + i] = (byte) (size >>> 56 - 8 * i);
      }
    }
    text(block, 136, 12, "%011o".formatted(seconds));
    block[156] = '0';
    text(block, 257, 8, "ustar\00000");
    long sum = 8L * ' ';
    for (byte each : block) {
      sum += each & 0xff;
    }
    text(block, 148, 8, "%06o\0 ".formatted(sum));
    return block;
  }

  private static void text(byte[] block, int at, int length, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > length) {
      throw new IllegalArgumentException("\"%s\" in %d bytes".formatted(text, length));
    }
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }

  /// Writes a whole member; where the next header stands.
  long member(long offset, String name, byte[] content) throws IOException {
    header(offset, name, content.length);
    file.write(data(offset), MemorySegment.ofArray(content));
    return behind(offset, content.length);
  }

  /// Ends the tar with two blocks of zeroes.
  void end(long offset) throws IOException {
    file.truncate(offset + 2 * TarReader.BLOCK);
  }
}
