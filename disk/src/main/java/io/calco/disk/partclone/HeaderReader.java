package io.calco.disk.partclone;

import static io.calco.disk.partclone.PartcloneLayout.U16;
import static io.calco.disk.partclone.PartcloneLayout.U32;
import static io.calco.disk.partclone.PartcloneLayout.U64;
import static io.calco.disk.partclone.PartcloneLayout.U8;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatVersionException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.OpenPolicy;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.partclone.PartcloneHeader.MapKind;
import io.calco.disk.partclone.PartcloneHeader.Seeding;
import io.calco.disk.partclone.PartcloneLayout.V1;
import io.calco.disk.partclone.PartcloneLayout.V2;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// Reads a header and judges every field before anything is made of it.
final class HeaderReader {
  private final HostFile file;
  private MemorySegment bytes = MemorySegment.NULL;

  private HeaderReader(HostFile file) {
    this.file = file;
  }

  /// True when the file begins as a partclone image of any version.
  static boolean hasMagic(HostFile file) throws IOException {
    byte[] start = new byte[PartcloneLayout.MAGIC.length()];
    if (!file.reaches(start.length)) {
      return false;
    }
    file.read(0, MemorySegment.ofArray(start));
    return new String(start, StandardCharsets.ISO_8859_1).equals(PartcloneLayout.MAGIC);
  }

  /// Reads and judges the header of `file`.
  static PartcloneHeader read(HostFile file) throws IOException {
    return new HeaderReader(file).read();
  }

  private PartcloneHeader read() throws IOException {
    readBytes(V2.LENGTH);
    String magic = text(0, PartcloneLayout.MAGIC.length());
    expect(magic.equals(PartcloneLayout.MAGIC), "magic", 0, magic, PartcloneLayout.MAGIC);
    String version = text(PartcloneLayout.VERSION, PartcloneLayout.VERSION_LENGTH);
    PartcloneHeader header =
        switch (version) {
          case "0001" -> readV1();
          case "0002" -> readV2();
          default ->
              throw new FormatVersionException(
                  "%s: partclone image of version \"%s\"; known are 0001 and 0002"
                      .formatted(file.name(), version));
        };
    judgeSizes(header);
    return header;
  }

  private void readBytes(int length) throws IOException {
    bytes = MemorySegment.ofArray(new byte[length]);
    try {
      file.read(0, bytes);
    } catch (EOFException e) {
      throw CorruptImageException.at(
          file.name(),
          "partclone header",
          0,
          file.size() + " bytes in the file",
          "at least " + length);
    }
  }

  /// The device size that version 1 states is not the device's size in all its builds.
  private PartcloneHeader readV1() throws IOException {
    readBytes(V1.LENGTH);
    int blockSize = blockSize(V1.BLOCK_SIZE);
    long total = totalBlocks(V1.TOTAL_BLOCKS, blockSize);
    return new PartcloneHeader(
        1,
        "",
        text(V1.FILE_SYSTEM, V1.FILE_SYSTEM_LENGTH),
        total * blockSize,
        total,
        0,
        blockSize,
        Checksum.CRC32,
        1,
        Seeding.RUNNING_FIRST_BYTE,
        MapKind.BYTES);
  }

  private PartcloneHeader readV2() throws IOException {
    int order = Short.toUnsignedInt(bytes.get(U16, V2.ENDIANNESS));
    if (order == V2.OTHER_ENDIANNESS) {
      throw new UnsupportedFeatureException(
          file.name() + ": was made on a big-endian machine, which partclone itself does not read");
    }
    expect(order == V2.SAME_ENDIANNESS, "endianness", V2.ENDIANNESS, hex(order), "0xc0de");
    int crc = bytes.get(U32, V2.HEADER_CRC);
    int computed = StripSum.crc(bytes.asSlice(0, V2.HEADER_CRC));
    expect(crc == computed, "header checksum", V2.HEADER_CRC, hex(crc), hex(computed));
    int options = bytes.get(U32, V2.OPTIONS_SIZE);
    int version = Short.toUnsignedInt(bytes.get(U16, V2.IMAGE_VERSION));
    if (options != V2.OPTIONS_LENGTH || version != 2) {
      throw new UnsupportedFeatureException(
          "%s: options of %s bytes, version %d, are of a later partclone; known are %d bytes, version 2"
              .formatted(
                  file.name(), Integer.toUnsignedString(options), version, V2.OPTIONS_LENGTH));
    }
    int blockSize = blockSize(V2.BLOCK_SIZE);
    long total = totalBlocks(V2.TOTAL_BLOCKS, blockSize);
    long used = bytes.get(U64, V2.USED_BY_BITMAP);
    expect(used >= 0 && used <= total, "used blocks", V2.USED_BY_BITMAP, used, "at most " + total);
    long size = bytes.get(U64, V2.DEVICE_SIZE);
    expect(
        size >= total * blockSize,
        "device size",
        V2.DEVICE_SIZE,
        Long.toUnsignedString(size),
        "at least %d for %d blocks, below 2^63".formatted(total * blockSize, total));
    Checksum checksum = checksum();
    return new PartcloneHeader(
        2,
        text(V2.TOOL_VERSION, V2.TOOL_VERSION_LENGTH),
        text(V2.FILE_SYSTEM, V2.FILE_SYSTEM_LENGTH),
        size,
        total,
        used,
        blockSize,
        checksum,
        blocksPerChecksum(checksum),
        oneByte(V2.RESEED, "reseed", 1) == 0 ? Seeding.RUNNING : Seeding.EACH_STRIP,
        mapKind());
  }

  private int blockSize(long at) throws IOException {
    int size = bytes.get(U32, at);
    expect(
        size > 0 && size <= PartcloneLayout.BLOCK_SIZE_MAX,
        "block size",
        at,
        Integer.toUnsignedString(size),
        "1 to " + PartcloneLayout.BLOCK_SIZE_MAX);
    return size;
  }

  private long totalBlocks(long at, int blockSize) throws IOException {
    long total = bytes.get(U64, at);
    expect(
        total >= 0 && total <= Long.MAX_VALUE / blockSize,
        "total blocks",
        at,
        Long.toUnsignedString(total),
        "less than 2^63 bytes in all");
    return total;
  }

  private Checksum checksum() throws IOException {
    int mode = Short.toUnsignedInt(bytes.get(U16, V2.CHECKSUM_MODE));
    Checksum checksum =
        Checksum.ofMode(mode)
            .orElseThrow(() ->
                new UnsupportedFeatureException(
                    "%s: checksums of the unknown kind 0x%02x".formatted(file.name(), mode)));
    int size = Short.toUnsignedInt(bytes.get(U16, V2.CHECKSUM_SIZE));
    expect(size == checksum.length(), "checksum size", V2.CHECKSUM_SIZE, size, checksum.length());
    return checksum;
  }

  private long blocksPerChecksum(Checksum checksum) throws IOException {
    long blocks = Integer.toUnsignedLong(bytes.get(U32, V2.BLOCKS_PER_CHECKSUM));
    if (checksum == Checksum.NONE) {
      return Long.MAX_VALUE / PartcloneLayout.BLOCK_SIZE_MAX;
    }
    expect(blocks > 0, "blocks per checksum", V2.BLOCKS_PER_CHECKSUM, blocks, "at least 1");
    return blocks;
  }

  private int oneByte(long at, String field, int most) throws IOException {
    int value = Byte.toUnsignedInt(bytes.get(U8, at));
    expect(value <= most, field, at, value, "at most " + most);
    return value;
  }

  private MapKind mapKind() throws IOException {
    int mode = Byte.toUnsignedInt(bytes.get(U8, V2.BITMAP_MODE));
    return switch (mode) {
      case 0 -> MapKind.NONE;
      case 1 -> MapKind.BITS;
      case 8 -> MapKind.BYTES;
      default ->
          throw CorruptImageException.at(
              file.name(), "partclone bitmap mode", V2.BITMAP_MODE, mode, "0, 1 or 8");
    };
  }

  /// The map lies in the file, is of a size we can work with, and no offset that follows from the
  /// header overflows.
  private void judgeSizes(PartcloneHeader header) throws IOException {
    if (header.mapLength() > PartcloneLayout.MAP_BYTES_MAX) {
      throw new LimitExceededException(
          "%s: a map of %d used blocks takes %d bytes; at most %d are allowed"
              .formatted(
                  file.name(),
                  header.totalBlocks(),
                  header.mapLength(),
                  PartcloneLayout.MAP_BYTES_MAX));
    }
    long end;
    try {
      end = new Strips(header, header.checksum().length()).end(header.totalBlocks());
    } catch (ArithmeticException e) {
      throw new LimitExceededException(
          "%s: %d blocks of %d bytes and their checksums are more than 2^63 bytes"
              .formatted(file.name(), header.totalBlocks(), header.blockSize()));
    }
    if (!file.reaches(Math.min(header.dataOffset(), end))) {
      throw CorruptImageException.at(
          file.name(),
          "map of used blocks",
          header.mapOffset(),
          "the file's end at 0x%x".formatted(file.size()),
          "%d bytes".formatted(header.mapLength() + header.mapEndLength()));
    }
  }

  private String text(long at, int length) {
    byte[] field = bytes.asSlice(at, length).toArray(U8);
    int end = 0;
    while (end < length && field[end] != 0) {
      end++;
    }
    return OpenPolicy.printable(new String(field, 0, end, StandardCharsets.ISO_8859_1));
  }

  private static String hex(int value) {
    return "0x" + Integer.toHexString(value);
  }

  private void expect(boolean holds, String field, long at, Object found, Object expected)
      throws CorruptImageException {
    if (!holds) {
      throw CorruptImageException.at(file.name(), "partclone " + field, at, found, expected);
    }
  }
}
