package io.calco.disk.partclone;

import io.calco.disk.DataUnits;
import io.calco.disk.Disk;
import io.calco.disk.FileStream;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.LaidOutFile;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.partclone.PartcloneLayout.V2;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/// Makes images of version 2 out of a disk and the knowledge which of its blocks are used. An image
/// is a stream of known length, from its first byte to its last.
///
/// ```java
/// DataUnits.Builder used = DataUnits.builder(disk.size(), 4096);
/// fileSystem.usedRuns(used::add);
/// PartcloneWriter.write(disk, used.build(), PartcloneOptions.of("EXTFS"), target, job);
/// ```
public final class PartcloneWriter {
  /// Ours: strips are made in memory.
  private static final long STRIP_MAX = 64L << 20;

  private static final int USUAL_STRIP = 1 << 20;
  private static final String TOOL_VERSION = "calco";
  private static final int CPU_BITS = 64;

  private PartcloneWriter() {}

  /// Sends an image down a stream.
  ///
  /// @param disk what the image holds; must not change meanwhile
  /// @param used its used blocks, as large as file system blocks are; they begin and end where the
  ///   disk does, a last block that it has only a part of is not used
  /// @throws UnsupportedFeatureException when the format cannot hold it so
  public static void write(
      Disk disk,
      DataUnits used,
      PartcloneOptions options,
      WritableByteChannel target,
      JobContext job)
      throws IOException {
    try (HostFile image = layOut(disk, used, options)) {
      FileStream.copy(image, target, job);
    }
  }

  /// An image that is made as it is read, anywhere, by several threads at once.
  ///
  /// @param disk what the image holds; must not change as long as the file is read, and stays open
  ///   when it is closed
  /// @param used as for [#write]
  /// @throws UnsupportedFeatureException when the format cannot hold it so
  public static HostFile layOut(Disk disk, DataUnits used, PartcloneOptions options)
      throws IOException {
    return layOut(disk, disk.size(), used, options);
  }

  /// As [#layOut(Disk, DataUnits, PartcloneOptions)], for a device that is larger than the disk.
  static HostFile layOut(Disk disk, long deviceSize, DataUnits used, PartcloneOptions options)
      throws IOException {
    if (used.unitLength() > PartcloneLayout.BLOCK_SIZE_MAX) {
      throw new UnsupportedFeatureException(
          "partclone images have blocks of at most %d bytes, not %d"
              .formatted(PartcloneLayout.BLOCK_SIZE_MAX, used.unitLength()));
    }
    int blockSize = (int) used.unitLength();
    long total = deviceSize / blockSize;
    if (used.countBefore(total) < used.count()) {
      throw new UnsupportedFeatureException(
          "the last %d of %d bytes hold data, but are no whole block of %d bytes, and partclone images hold no others"
              .formatted(deviceSize % blockSize, deviceSize, blockSize));
    }
    long perChecksum = options.blocksPerChecksum().orElse(Math.max(1, USUAL_STRIP / blockSize));
    if (perChecksum * blockSize > STRIP_MAX) {
      throw new UnsupportedFeatureException(
          "%d blocks of %d bytes under one checksum; at most %d bytes are allowed"
              .formatted(perChecksum, blockSize, STRIP_MAX));
    }
    Strips strips =
        new Strips(
            V2.LENGTH + Math.ceilDiv(total, Byte.SIZE) + V2.BITMAP_CRC_LENGTH,
            blockSize,
            perChecksum,
            options.checksum().length());
    BitmapBytes bitmap = new BitmapBytes(used, total);
    LaidOutFile.Builder file = LaidOutFile.of("partclone image", disk);
    file.bytes(header(deviceSize, total, used.count(), strips, options))
        .generated(bitmap.length(), bitmap)
        .generated(V2.BITMAP_CRC_LENGTH, bitmap::readCrc);
    long length = strips.end(used.count()) - strips.dataOffset();
    return file.generated(length, new StripBytes(disk, used, strips, options.checksum())).build();
  }

  private static byte[] header(
      long deviceSize, long total, long used, Strips strips, PartcloneOptions options) {
    byte[] bytes = new byte[V2.LENGTH];
    MemorySegment header = MemorySegment.ofArray(bytes);
    put(header, 0, PartcloneLayout.MAGIC);
    put(header, V2.TOOL_VERSION, TOOL_VERSION);
    put(header, PartcloneLayout.VERSION, "0002");
    header.set(PartcloneLayout.U16, V2.ENDIANNESS, (short) V2.SAME_ENDIANNESS);
    put(header, V2.FILE_SYSTEM, options.fileSystem());
    header.set(PartcloneLayout.U64, V2.DEVICE_SIZE, deviceSize);
    header.set(PartcloneLayout.U64, V2.TOTAL_BLOCKS, total);
    header.set(PartcloneLayout.U64, V2.USED_BY_SUPERBLOCK, used);
    header.set(PartcloneLayout.U64, V2.USED_BY_BITMAP, used);
    header.set(PartcloneLayout.U32, V2.BLOCK_SIZE, strips.blockSize());
    header.set(PartcloneLayout.U32, V2.OPTIONS_SIZE, V2.OPTIONS_LENGTH);
    header.set(PartcloneLayout.U16, V2.IMAGE_VERSION, (short) 2);
    header.set(PartcloneLayout.U16, V2.CPU_BITS, (short) CPU_BITS);
    Checksum checksum = options.checksum();
    header.set(PartcloneLayout.U16, V2.CHECKSUM_MODE, (short) checksum.mode());
    header.set(PartcloneLayout.U16, V2.CHECKSUM_SIZE, (short) checksum.length());
    int perChecksum = checksum == Checksum.NONE ? 0 : (int) strips.blocks();
    header.set(PartcloneLayout.U32, V2.BLOCKS_PER_CHECKSUM, perChecksum);
    header.set(PartcloneLayout.U8, V2.RESEED, (byte) 1);
    header.set(PartcloneLayout.U8, V2.BITMAP_MODE, (byte) 1);
    int crc = StripSum.crc(header.asSlice(0, V2.HEADER_CRC));
    header.set(PartcloneLayout.U32, V2.HEADER_CRC, crc);
    return bytes;
  }

  private static void put(MemorySegment header, long at, String text) {
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    MemorySegment.copy(ascii, 0, header, PartcloneLayout.U8, at, ascii.length);
  }
}
