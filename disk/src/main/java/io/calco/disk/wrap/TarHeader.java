package io.calco.disk.wrap;

import io.calco.disk.CorruptImageException;
import java.nio.charset.StandardCharsets;

/// One header block of a tar: POSIX.1-1988 ustar, v7 before it, and GNU's own fields.
///
/// @see <a href="https://www.gnu.org/software/tar/manual/html_node/Standard.html">tar's format</a>
final class TarHeader {
  private static final int NAME_LENGTH = 100;
  private static final int SIZE = 124;
  private static final int CHECKSUM = 148;
  private static final int CHECKSUM_LENGTH = 8;
  private static final int TYPE = 156;
  private static final int MAGIC = 257;
  private static final int PREFIX = 345;
  private static final int PREFIX_LENGTH = 155;
  private static final int SPARSE = 386;
  private static final int SPARSE_EXTENDED = 482;
  private static final int SPARSE_REAL_SIZE = 483;
  private static final int NUMBER_LENGTH = 12;

  private final String file;
  private final long offset;
  private final byte[] block;

  /// @param file for messages
  /// @param offset where the block stands
  /// @param block its 512 bytes
  TarHeader(String file, long offset, byte[] block) {
    this.file = file;
    this.offset = offset;
    this.block = block;
  }

  /// The sum of all bytes, its own field taken as spaces; some old programs summed signed bytes.
  boolean checksumFits() throws CorruptImageException {
    long unsigned = 0;
    long signed = 0;
    for (int i = 0; i < TarReader.BLOCK; i++) {
      byte value = i >= CHECKSUM && i < CHECKSUM + CHECKSUM_LENGTH ? (byte) ' ' : block[i];
      unsigned += value & 0xff;
      signed += value;
    }
    long stored = octal(CHECKSUM, CHECKSUM_LENGTH, "tar checksum");
    return stored == unsigned || stored == signed;
  }

  char type() {
    return (char) (block[TYPE] & 0xff);
  }

  /// The name, with its prefix in a POSIX header.
  String name() {
    boolean posix = text(MAGIC, 6).equals("ustar") && block[MAGIC + 5] == 0;
    String prefix = posix ? text(PREFIX, PREFIX_LENGTH) : "";
    return prefix.isEmpty() ? text(0, NAME_LENGTH) : prefix + "/" + text(0, NAME_LENGTH);
  }

  /// Bytes that follow.
  long size() throws CorruptImageException {
    return number(SIZE, "tar member's size");
  }

  /// GNU's sparse file: its size with holes.
  long realSize() throws CorruptImageException {
    return number(SPARSE_REAL_SIZE, "tar member's real size");
  }

  /// GNU's sparse file: more of the map follows in another block.
  boolean sparseExtended() {
    return block[SPARSE_EXTENDED] != 0;
  }

  /// GNU's sparse file: the entries of the map in this block.
  void readSparse(SparseMap map) throws CorruptImageException {
    readSparse(map, SPARSE, 4);
  }

  /// Entries of the map, until one is empty.
  void readSparse(SparseMap map, int at, int count) throws CorruptImageException {
    for (int i = 0; i < count; i++) {
      int entry = at + i * 2 * NUMBER_LENGTH;
      if (block[entry] == 0) {
        return;
      }
      map.add(
          number(entry, "sparse map"), number(entry + NUMBER_LENGTH, "sparse map"), offset + entry);
    }
  }

  private String text(int at, int length) {
    int end = at;
    while (end < at + length && block[end] != 0) {
      end++;
    }
    return new String(block, at, end - at, StandardCharsets.UTF_8);
  }

  /// Octal digits, or, for large numbers, GNU's binary form.
  private long number(int at, String structure) throws CorruptImageException {
    if ((block[at] & 0x80) == 0) {
      return octal(at, NUMBER_LENGTH, structure);
    }
    long value = 0;
    for (int i = at; i < at + NUMBER_LENGTH; i++) {
      int digit = i == at ? block[i] & 0x7f : block[i] & 0xff;
      if (value >>> 54 != 0) {
        throw corrupt(structure, at, "2^62 or more, or a negative number");
      }
      value = value << 8 | digit;
    }
    return value;
  }

  private long octal(int at, int length, String structure) throws CorruptImageException {
    int i = at;
    while (i < at + length && block[i] == ' ') {
      i++;
    }
    long value = 0;
    for (; i < at + length && block[i] != 0 && block[i] != ' '; i++) {
      if (block[i] < '0' || block[i] > '7') {
        throw corrupt(structure, at, "byte 0x%02x".formatted(block[i]));
      }
      value = value << 3 | block[i] - '0';
    }
    return value;
  }

  private CorruptImageException corrupt(String structure, int at, String found) {
    return CorruptImageException.at(file, structure, offset + at, found, "an octal number");
  }
}
