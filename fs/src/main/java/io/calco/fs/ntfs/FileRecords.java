package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import java.io.IOException;

/// All file records that are in use, in order.
final class FileRecords {
  private static final int MAX_BITMAP = 1 << 27; // ours: 2^30 records

  private FileRecords() {}

  /// Takes a record.
  @FunctionalInterface
  interface Visitor {
    void accept(MftRecord record) throws IOException;
  }

  /// @throws CorruptImageException when one cannot be read and is not marked as free
  static void visit(Volume volume, Visitor visitor) throws IOException {
    Content content =
        volume
            .file(Volume.MFT)
            .find(AttributeType.BITMAP, "")
            .orElseThrow(() -> Volume.corrupt("MFT", Volume.MFT, "no bitmap", "one"));
    byte[] marks = volume.reader.readAll(content, MAX_BITMAP, "bitmap of the MFT");
    for (long number = 0; number < volume.mft().units(); number++) {
      MftRecord record;
      try {
        record = volume.record(number);
      } catch (CorruptImageException e) {
        int at = (int) (number >> 3);
        if (at < marks.length && (marks[at] >> (number & 7) & 1) != 0) {
          throw e;
        }
        continue;
      }
      if (record.isInUse()) {
        visitor.accept(record);
      }
    }
  }
}
