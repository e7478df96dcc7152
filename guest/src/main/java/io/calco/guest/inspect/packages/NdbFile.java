package io.calco.guest.inspect.packages;

import static io.calco.disk.bytes.LittleEndian.u32;

import io.calco.guest.inspect.packages.RpmDatabase.Records;
import java.io.IOException;

/// rpm's own database "ndb" of version 0: pages of slots, the first two slots the header, then
/// blobs in blocks of 16 bytes, each between a head and a tail. Numbers are little-endian.
final class NdbFile {
  private static final long HEADER = 0x506D7052; // "RpmP"
  private static final long SLOT = 0x746F6C53; // "Slot"
  private static final long BLOB = 0x53626C42; // "BlbS"
  private static final int PAGE = 4096;
  private static final int BLOCK = 16;
  private static final int HEAD = 16;
  private static final int TAIL = 12;

  private NdbFile() {}

  /// Gives each package's blob, in the order of the slots.
  static void read(DatabaseFile file, Records records) throws IOException {
    byte[] header = file.read(0, 32, "header");
    if (u32(header, 0) != HEADER) {
      throw file.corrupt("header", 0, "another beginning", "RpmP");
    }
    if (u32(header, 4) != 0) {
      throw file.unsupported("ndb version " + u32(header, 4));
    }
    long pages = u32(header, 12);
    if (pages < 1 || pages > file.size() / PAGE) {
      throw file.corrupt("header", 12, pages + " slot pages", file.size() + " bytes");
    }
    long left = file.size(); // blobs do not overlap
    for (long at = 32; at < pages * PAGE; at += BLOCK) {
      byte[] slot = file.read(at, BLOCK, "slot");
      if (u32(slot, 0) != SLOT) {
        throw file.corrupt("slot", at, Long.toHexString(u32(slot, 0)), Long.toHexString(SLOT));
      }
      long index = u32(slot, 4);
      if (index != 0) {
        byte[] blob = blob(file, index, u32(slot, 8) * BLOCK, u32(slot, 12) * BLOCK);
        left -= blob.length;
        if (left < 0) {
          throw file.corrupt("slot", at, "blobs that overlap", "each for itself");
        }
        records.accept(blob);
      }
    }
  }

  private static byte[] blob(DatabaseFile file, long index, long offset, long length)
      throws IOException {
    byte[] head = file.read(offset, HEAD, "blob");
    long found = u32(head, 12);
    if (u32(head, 0) != BLOB || u32(head, 4) != index) {
      throw file.corrupt("blob", offset, "package " + u32(head, 4), "package " + index);
    }
    if (found > length - HEAD - TAIL || found > DatabaseFile.MAX_RECORD) {
      throw file.corrupt("blob", offset, found + " bytes", "at most " + (length - HEAD - TAIL));
    }
    return file.read(offset + HEAD, (int) found, "blob");
  }
}
