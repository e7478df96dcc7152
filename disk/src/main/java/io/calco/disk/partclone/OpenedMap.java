package io.calco.disk.partclone;

import io.calco.disk.HostFile;
import io.calco.disk.partclone.PartcloneHeader.Seeding;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// What is needed to find blocks, made once when the first is asked for.
///
/// @param map which are there
/// @param strips where they lie
/// @param blocks the used ones without their checksums
record OpenedMap(BlockMap map, Strips strips, BlocksFile blocks) {
  private static final int WIDE_CHECKSUM = 8;

  static OpenedMap of(HostFile file, PartcloneHeader header, BlockMap map) throws IOException {
    Strips usual = new Strips(header, header.checksum().length());
    Strips wide = new Strips(header, WIDE_CHECKSUM);
    boolean version1 = header.seeding() == Seeding.RUNNING_FIRST_BYTE;
    Strips strips =
        version1 && map.used() > 1 && !secondFits(file, usual) && secondFits(file, wide)
            ? wide
            : usual;
    return new OpenedMap(map, strips, new BlocksFile(file, strips, map.used()));
  }

  /// Builds of partclone before 0.1.0 wrote 8 bytes for each checksum on 64-bit machines, 4 of them
  /// junk, and no word of it: the second block's checksum tells.
  private static boolean secondFits(HostFile file, Strips strips) throws IOException {
    int blockSize = strips.blockSize();
    MemorySegment bytes = MemorySegment.ofArray(new byte[Integer.BYTES]);
    MemorySegment firstByte = bytes.asSlice(0, 1);
    try {
      file.read(strips.hostOffset(0) + blockSize, bytes);
      StripSum.Crc crc = new StripSum.Crc();
      crc.restartFrom(bytes.get(PartcloneLayout.U32, 0));
      file.read(strips.hostOffset(blockSize), firstByte);
      FirstBytes.update(crc, firstByte.get(PartcloneLayout.U8, 0), blockSize);
      file.read(strips.hostOffset(blockSize) + blockSize, bytes);
      return crc.value() == bytes.get(PartcloneLayout.U32, 0);
    } catch (EOFException e) {
      return false;
    }
  }
}
