package io.calco.disk.qcow2;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The feature name table: how an image names its feature bits to readers that do not know them.
final class FeatureNames {
  static final int INCOMPATIBLE = 0;

  private static final int ENTRY_LENGTH = 48;

  /// What QEMU 7.2 writes: type, bit, name.
  private static final Object[][] OURS = {
    {0, 0, "dirty bit"},
    {0, 1, "corrupt bit"},
    {0, 2, "external data file"},
    {0, 3, "compression type"},
    {0, 4, "extended L2 entries"},
    {1, 0, "lazy refcounts"},
    {2, 0, "bitmaps"},
    {2, 1, "raw external data"},
  };

  private FeatureNames() {}

  /// The table for a new image.
  static HeaderExtension table() {
    MemorySegment data = MemorySegment.ofArray(new byte[OURS.length * ENTRY_LENGTH]);
    for (int i = 0; i < OURS.length; i++) {
      long at = (long) i * ENTRY_LENGTH;
      data.set(Qcow2Layout.U8, at, ((Integer) OURS[i][0]).byteValue());
      data.set(Qcow2Layout.U8, at + 1, ((Integer) OURS[i][1]).byteValue());
      byte[] name = ((String) OURS[i][2]).getBytes(StandardCharsets.US_ASCII);
      MemorySegment.copy(name, 0, data, Qcow2Layout.U8, at + 2, name.length);
    }
    return new HeaderExtension(Qcow2Layout.EXTENSION_FEATURE_NAMES, data);
  }

  /// The bits set in `features`, each with the name `table` has for it or its number.
  static String describe(long features, int type, @Nullable HeaderExtension table) {
    List<String> names = new ArrayList<>();
    for (int bit = 0; bit < Long.SIZE; bit++) {
      if ((features >>> bit & 1) != 0) {
        String name = table == null ? "" : find(table.data(), type, bit);
        names.add(name.isEmpty() ? "bit " + bit : "\"%s\" (bit %d)".formatted(name, bit));
      }
    }
    return String.join(", ", names);
  }

  private static String find(MemorySegment table, int type, int bit) {
    for (long at = 0; at + ENTRY_LENGTH <= table.byteSize(); at += ENTRY_LENGTH) {
      if (table.get(Qcow2Layout.U8, at) == type && table.get(Qcow2Layout.U8, at + 1) == bit) {
        return Texts.decode(table.asSlice(at + 2, ENTRY_LENGTH - 2L));
      }
    }
    return "";
  }
}
