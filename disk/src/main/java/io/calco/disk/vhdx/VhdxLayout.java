package io.calco.disk.vhdx;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32C;

/// Where things lie in a VHDX file, and their marks (MS-VHDX sections 2.2 to 2.6).
final class VhdxLayout {
  static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static final long FILE_MARK = mark("vhdxfile");
  static final int HEADER_MARK = (int) mark("head\0\0\0\0");
  static final int REGION_MARK = (int) mark("regi\0\0\0\0");
  static final long METADATA_MARK = mark("metadata");

  static final long MIB = 1 << 20;
  static final int PAGE = 4096;
  static final long[] HEADERS = {64 << 10, 128 << 10};
  static final long[] REGION_TABLES = {192 << 10, 256 << 10};
  static final int REGION_TABLE_BYTES = 64 << 10;
  static final int REGIONS_MAX = 2047;

  static final UUID BAT = UUID.fromString("2DC27766-F623-4200-9D64-115E9BFD4A08");
  static final UUID METADATA = UUID.fromString("8B7CA206-4790-4B9A-B8FE-575F050F886E");

  static final UUID FILE_PARAMETERS = UUID.fromString("CAA16737-FA36-4D43-B3B6-33F0AA44E76B");
  static final UUID DISK_SIZE = UUID.fromString("2FA54224-CD1B-4876-B211-5DBED83BF4B8");
  static final UUID DISK_ID = UUID.fromString("BECA12AB-B2E6-4523-93EF-C309E000C746");
  static final UUID LOGICAL_SECTOR = UUID.fromString("8141BF1D-A96F-4709-BA47-F233A8FAAB5F");
  static final UUID PHYSICAL_SECTOR = UUID.fromString("CDA348C7-445D-4471-9CC9-E9885251C556");
  static final UUID PARENT_LOCATOR = UUID.fromString("A8D35F2D-B30B-454D-ABF7-D3D84834AB0C");
  static final UUID LOCATOR_TYPE = UUID.fromString("B04AEFB7-D19E-4A81-B789-25B8E9445913");

  /// The specification's: 64 TiB.
  static final long DISK_SIZE_MAX = 64L << 40;

  static final long BLOCK_MIN = MIB;
  static final long BLOCK_MAX = 256 * MIB;

  private VhdxLayout() {}

  /// Takes the bytes of a structure.
  interface Sink {
    void write(long offset, MemorySegment bytes) throws IOException;
  }

  private static long mark(String ascii) {
    long mark = 0;
    for (int i = 7; i >= 0; i--) {
      mark = mark << 8 | ascii.charAt(i);
    }
    return mark;
  }

  /// The CRC-32C of a structure, its own checksum field counted as zero.
  static int checksum(MemorySegment bytes, long checksumAt) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.asSlice(0, checksumAt).asByteBuffer());
    crc.update(new byte[4]);
    crc.update(bytes.asSlice(checksumAt + 4).asByteBuffer());
    return (int) crc.getValue();
  }

  /// Reads a structure that must be there.
  static MemorySegment read(HostFile file, String structure, long offset, int length)
      throws IOException {
    MemorySegment bytes = MemorySegment.ofArray(new byte[length]);
    try {
      file.read(offset, bytes);
      return bytes;
    } catch (EOFException e) {
      throw CorruptImageException.at(
          file.name(),
          structure,
          offset,
          "the end of the file at 0x%x".formatted(file.size()),
          "%d bytes".formatted(length));
    }
  }

  static long up(long bytes, long unit) {
    return Math.ceilDiv(bytes, unit) * unit;
  }
}
