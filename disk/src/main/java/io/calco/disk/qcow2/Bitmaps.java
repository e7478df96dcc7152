package io.calco.disk.qcow2;

import static io.calco.disk.qcow2.Qcow2Layout.U16;
import static io.calco.disk.qcow2.Qcow2Layout.U32;
import static io.calco.disk.qcow2.Qcow2Layout.U64;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// The persistent bitmaps of an image, which are valid only while the header says so.
///
/// @param directoryOffset host offset of the bitmap directory
/// @param directoryLength bytes in it
/// @param bitmaps its entries
record Bitmaps(long directoryOffset, long directoryLength, List<Bitmap> bitmaps) {
  private static final int EXTENSION_LENGTH = 24;
  private static final int ENTRY_LENGTH = 24;
  private static final int FLAG_IN_USE = 1;
  private static final int FLAG_AUTO = 2;

  /// QEMU: bitmaps, bytes in the directory, entries in one bitmap's table.
  private static final long BITMAPS_MAX = 65535;

  private static final long DIRECTORY_MAX = 64L << 20;
  private static final long TABLE_ENTRIES_MAX = 0x8000000;

  Bitmaps {
    bitmaps = List.copyOf(bitmaps);
  }

  /// One bitmap.
  ///
  /// @param tableOffset host offset of its table of clusters
  /// @param tableEntries entries in it
  /// @param flags as in the file
  /// @param granularityBits log2 of the guest bytes that a bit stands for
  /// @param name the user's name for it
  record Bitmap(long tableOffset, long tableEntries, int flags, int granularityBits, String name) {
    /// The flags under QEMU's names.
    List<String> flagNames() {
      List<String> names = new ArrayList<>();
      if ((flags & FLAG_IN_USE) != 0) {
        names.add("in-use");
      }
      if ((flags & FLAG_AUTO) != 0) {
        names.add("auto");
      }
      return names;
    }
  }

  /// Reads the directory; empty when there are no valid bitmaps.
  static Bitmaps read(HostFile file, Qcow2Header header) throws IOException {
    HeaderExtension extension = header.extension(Qcow2Layout.EXTENSION_BITMAPS);
    if (extension == null || (header.autoclear() & Qcow2Layout.AUTOCLEAR_BITMAPS) == 0) {
      return new Bitmaps(0, 0, List.of());
    }
    MemorySegment data = extension.data();
    check(file, data.byteSize() == EXTENSION_LENGTH, "bitmaps extension", 0);
    long count = Integer.toUnsignedLong(data.get(U32, 0));
    long length = data.get(U64, 8);
    long offset = data.get(U64, 16);
    check(
        file,
        count <= BITMAPS_MAX
            && length >= 0
            && length <= DIRECTORY_MAX
            && header.geometry().inCluster(offset) == 0
            && offset > 0
            && offset <= file.size()
            && length <= file.size() - offset,
        "bitmap directory",
        offset);
    MemorySegment directory = MemorySegment.ofArray(new byte[Math.toIntExact(length)]);
    file.read(offset, directory);
    List<Bitmap> bitmaps = new ArrayList<>();
    long at = 0;
    for (long i = 0; i < count; i++) {
      at = readEntry(file, offset, directory, at, bitmaps);
    }
    return new Bitmaps(offset, length, bitmaps);
  }

  private static long readEntry(
      HostFile file, long base, MemorySegment directory, long at, List<Bitmap> into)
      throws IOException {
    check(file, at + ENTRY_LENGTH <= directory.byteSize(), "bitmap directory entry", base + at);
    int nameLength = Short.toUnsignedInt(directory.get(U16, at + 18));
    long extra = Integer.toUnsignedLong(directory.get(U32, at + 20));
    long length = ENTRY_LENGTH + extra + nameLength;
    long tableEntries = Integer.toUnsignedLong(directory.get(U32, at + 8));
    int granularityBits = Byte.toUnsignedInt(directory.get(Qcow2Layout.U8, at + 17));
    check(
        file,
        length <= directory.byteSize() - at
            && tableEntries <= TABLE_ENTRIES_MAX
            && granularityBits < 63,
        "bitmap directory entry",
        base + at);
    into.add(
        new Bitmap(
            directory.get(U64, at),
            tableEntries,
            directory.get(U32, at + 12),
            granularityBits,
            Texts.decode(directory.asSlice(at + ENTRY_LENGTH + extra, nameLength))));
    return at + (length + 7) / 8 * 8;
  }

  private static void check(HostFile file, boolean holds, String what, long at)
      throws CorruptImageException {
    if (!holds) {
      throw CorruptImageException.at(
          file.name(), what, at, "lengths that do not fit", "a directory within the file");
    }
  }
}
