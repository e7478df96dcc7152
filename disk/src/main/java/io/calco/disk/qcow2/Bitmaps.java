package io.calco.disk.qcow2;

import static io.calco.disk.qcow2.Qcow2Layout.U16;
import static io.calco.disk.qcow2.Qcow2Layout.U32;
import static io.calco.disk.qcow2.Qcow2Layout.U64;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The bitmap directory of an image, which is valid only while the header says so.
///
/// @param directoryOffset host offset of the directory
/// @param directoryLength bytes in it
/// @param bitmaps its entries
record Bitmaps(long directoryOffset, long directoryLength, List<Bitmap> bitmaps) {
  private static final int EXTENSION_LENGTH = 24;

  /// QEMU: bitmaps, bytes in the directory.
  static final int BITMAPS_MAX = 65535;

  static final long DIRECTORY_MAX = 64L << 20;

  Bitmaps {
    bitmaps = List.copyOf(bitmaps);
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
      Optional<Bitmap> entry = Bitmap.decode(directory.asSlice(at));
      check(file, entry.isPresent(), "bitmap directory entry", offset + at);
      bitmaps.add(entry.orElseThrow());
      at = Math.min(directory.byteSize(), at + bitmaps.getLast().paddedLength());
    }
    return new Bitmaps(offset, length, bitmaps);
  }

  private static void check(HostFile file, boolean holds, String what, long at)
      throws CorruptImageException {
    if (!holds) {
      throw CorruptImageException.at(
          file.name(), what, at, "lengths that do not fit", "a directory within the file");
    }
  }

  /// The header extension that names a directory.
  static MemorySegment extension(int count, long directoryOffset, long directoryLength) {
    MemorySegment data = MemorySegment.ofArray(new byte[EXTENSION_LENGTH]);
    data.set(U32, 0, count);
    data.set(U64, 8, directoryLength);
    data.set(U64, 16, directoryOffset);
    return data;
  }

  /// The bytes of a directory of these entries.
  static MemorySegment encode(List<Bitmap> bitmaps) {
    long length = bitmaps.stream().mapToLong(Bitmap::paddedLength).sum();
    MemorySegment directory = MemorySegment.ofArray(new byte[Math.toIntExact(length)]);
    long at = 0;
    for (Bitmap bitmap : bitmaps) {
      MemorySegment.copy(bitmap.entry(), 0, directory, at, bitmap.entry().byteSize());
      at += bitmap.paddedLength();
    }
    return directory;
  }

  Optional<Bitmap> find(String name) {
    return bitmaps.stream().filter(bitmap -> bitmap.name().equals(name)).findFirst();
  }

  /// The bitmap of that name.
  Bitmap get(HostFile file, String name) throws UnsupportedFeatureException {
    return find(name)
        .orElseThrow(() ->
            new UnsupportedFeatureException(
                "%s: has no dirty bitmap \"%s\"".formatted(file.name(), name)));
  }

  /// All entries, that of the same name as `changed` replaced by it.
  List<Bitmap> with(Bitmap changed) {
    return bitmaps.stream()
        .map(bitmap -> bitmap.name().equals(changed.name()) ? changed : bitmap)
        .toList();
  }

  /// An entry of the directory.
  ///
  /// @param entry its bytes, padding left out
  record Bitmap(MemorySegment entry) {
    static final int FLAG_IN_USE = 1;
    static final int FLAG_AUTO = 2;
    static final int FLAG_EXTRA_COMPATIBLE = 4;

    /// QEMU: log2 of a granularity; bytes in a name.
    static final int GRANULARITY_BITS_MIN = 9;

    static final int GRANULARITY_BITS_MAX = 31;
    static final int NAME_MAX = 1023;

    /// QEMU: entries in one bitmap's table.
    private static final long TABLE_ENTRIES_MAX = 0x8000000;

    private static final int FIXED_LENGTH = 24;
    private static final long FLAGS = 12;
    private static final byte TYPE_DIRTY_TRACKING = 1;

    /// Copies what a caller may change.
    Bitmap {
      entry = MemorySegment.ofArray(entry.toArray(Qcow2Layout.U8)).asReadOnly();
    }

    /// The entry that `bytes` begin with; empty when they cannot.
    static Optional<Bitmap> decode(MemorySegment bytes) {
      if (bytes.byteSize() < FIXED_LENGTH) {
        return Optional.empty();
      }
      long extra = Integer.toUnsignedLong(bytes.get(U32, 20));
      long length = FIXED_LENGTH + extra + Short.toUnsignedInt(bytes.get(U16, 18));
      if (length > bytes.byteSize()) {
        return Optional.empty();
      }
      Bitmap bitmap = new Bitmap(bytes.asSlice(0, length));
      return bitmap.tableEntries() <= TABLE_ENTRIES_MAX && bitmap.granularityBits() < 63
          ? Optional.of(bitmap)
          : Optional.empty();
    }

    static Bitmap of(byte[] name, int granularityBits, int flags) {
      MemorySegment entry = MemorySegment.ofArray(new byte[FIXED_LENGTH + name.length]);
      entry.set(U32, FLAGS, flags);
      entry.set(Qcow2Layout.U8, 16, TYPE_DIRTY_TRACKING);
      entry.set(Qcow2Layout.U8, 17, (byte) granularityBits);
      entry.set(U16, 18, (short) name.length);
      MemorySegment.copy(name, 0, entry, Qcow2Layout.U8, FIXED_LENGTH, name.length);
      return new Bitmap(entry);
    }

    private MemorySegment copy() {
      return MemorySegment.ofArray(entry.toArray(Qcow2Layout.U8));
    }

    Bitmap withTable(long offset, int entries) {
      MemorySegment changed = copy();
      changed.set(U64, 0, offset);
      changed.set(U32, 8, entries);
      return new Bitmap(changed);
    }

    Bitmap withFlag(int flag, boolean set) {
      MemorySegment changed = copy();
      changed.set(U32, FLAGS, set ? flags() | flag : flags() & ~flag);
      return new Bitmap(changed);
    }

    long paddedLength() {
      return (entry.byteSize() + 7) / 8 * 8;
    }

    /// Host offset of its table of clusters.
    long tableOffset() {
      return entry.get(U64, 0);
    }

    long tableEntries() {
      return Integer.toUnsignedLong(entry.get(U32, 8));
    }

    int flags() {
      return entry.get(U32, FLAGS);
    }

    boolean inUse() {
      return (flags() & FLAG_IN_USE) != 0;
    }

    /// It follows what is written.
    boolean auto() {
      return (flags() & FLAG_AUTO) != 0;
    }

    /// log2 of the guest bytes that a bit stands for.
    int granularityBits() {
      return Byte.toUnsignedInt(entry.get(Qcow2Layout.U8, 17));
    }

    String name() {
      int length = Short.toUnsignedInt(entry.get(U16, 18));
      return Texts.decode(entry.asSlice(entry.byteSize() - length, length));
    }

    /// True when we know all that the entry says.
    boolean known() {
      boolean extra = entry.get(U32, 20) != 0;
      return (flags() & -8) == 0
          && (!extra || (flags() & FLAG_EXTRA_COMPATIBLE) != 0)
          && entry.get(Qcow2Layout.U8, 16) == TYPE_DIRTY_TRACKING
          && granularityBits() >= GRANULARITY_BITS_MIN
          && granularityBits() <= GRANULARITY_BITS_MAX;
    }

    /// The flags under QEMU's names.
    List<String> flagNames() {
      List<String> names = new ArrayList<>();
      if (inUse()) {
        names.add("in-use");
      }
      if (auto()) {
        names.add("auto");
      }
      return names;
    }
  }
}
