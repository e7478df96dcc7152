package io.calco.disk.vhdx;

import io.calco.disk.BackingReference;
import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// How a differencing image names its parent: keys and values (MS-VHDX 2.6.2.6).
///
/// @param entries in the file's order
record ParentLocator(Map<String, String> entries) {
  private static final String LINKAGE = "parent_linkage";
  private static final String RELATIVE = "relative_path";
  private static final String ABSOLUTE = "absolute_win32_path";
  private static final String VOLUME = "volume_path";
  private static final int HEADER = 20;
  private static final int ENTRY = 12;

  /// Ours: there are five keys.
  private static final int ENTRIES_MAX = 64;

  static ParentLocator parse(HostFile file, long offset, MemorySegment bytes) throws IOException {
    if (bytes.byteSize() < HEADER || !Guids.get(bytes, 0).equals(VhdxLayout.LOCATOR_TYPE)) {
      throw bad(file, offset, "a locator of another type");
    }
    int count = Short.toUnsignedInt(bytes.get(VhdxLayout.U16, 18));
    if (count > ENTRIES_MAX || HEADER + (long) count * ENTRY > bytes.byteSize()) {
      throw bad(file, offset, count + " entries");
    }
    Map<String, String> entries = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      long at = HEADER + (long) i * ENTRY;
      entries.put(
          text(
              file,
              offset,
              bytes,
              Integer.toUnsignedLong(bytes.get(VhdxLayout.U32, at)),
              Short.toUnsignedInt(bytes.get(VhdxLayout.U16, at + 8))),
          text(
              file,
              offset,
              bytes,
              Integer.toUnsignedLong(bytes.get(VhdxLayout.U32, at + 4)),
              Short.toUnsignedInt(bytes.get(VhdxLayout.U16, at + 10))));
    }
    return new ParentLocator(entries);
  }

  private static String text(HostFile file, long offset, MemorySegment bytes, long at, int length)
      throws IOException {
    if (at + length > bytes.byteSize()) {
      throw bad(file, offset, "text of %d bytes at %d".formatted(length, at));
    }
    return new String(
        bytes.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_16LE);
  }

  private static CorruptImageException bad(HostFile file, long offset, String found) {
    return CorruptImageException.at(
        file.name(), "parent locator", offset, found, "keys and values inside the item");
  }

  /// A locator for a parent beside the child.
  static ParentLocator of(String name, String identity) {
    Map<String, String> entries = new LinkedHashMap<>();
    entries.put(LINKAGE, identity);
    entries.put(name.startsWith("/") ? ABSOLUTE : RELATIVE, name.replace('/', '\\'));
    return new ParentLocator(entries);
  }

  MemorySegment toBytes() {
    int size = HEADER + ENTRY * entries.size();
    for (Map.Entry<String, String> entry : entries.entrySet()) {
      size += 2 * (entry.getKey().length() + entry.getValue().length());
    }
    MemorySegment bytes = MemorySegment.ofArray(new byte[size]);
    Guids.put(bytes, 0, VhdxLayout.LOCATOR_TYPE);
    bytes.set(VhdxLayout.U16, 18, (short) entries.size());
    int at = HEADER;
    int free = HEADER + ENTRY * entries.size();
    for (Map.Entry<String, String> entry : entries.entrySet()) {
      int part = 0;
      for (String text : new String[] {entry.getKey(), entry.getValue()}) {
        byte[] coded = text.getBytes(StandardCharsets.UTF_16LE);
        MemorySegment.copy(MemorySegment.ofArray(coded), 0, bytes, free, coded.length);
        bytes.set(VhdxLayout.U32, at + 4 * part, free);
        bytes.set(VhdxLayout.U16, at + 8 + 2 * part, (short) coded.length);
        free += coded.length;
        part++;
      }
      at += ENTRY;
    }
    return bytes;
  }

  /// The parent, under the one name to try here.
  BackingReference reference(HostFile file, long offset) throws IOException {
    Optional<String> name = name();
    if (name.isEmpty()) {
      throw bad(file, offset, "no path of the parent");
    }
    return new BackingReference(
        name.get(),
        Optional.of("vhdx"),
        Optional.ofNullable(entries.get(LINKAGE)).map(guid -> guid.toLowerCase(Locale.ROOT)));
  }

  /// The parent's local name: its relative path, or else its bare name in the child's directory,
  /// since no volume of Windows leads anywhere on this host. An absolute path without a volume is a
  /// local one, as [#of] records it.
  Optional<String> name() {
    for (String key : List.of(RELATIVE, ABSOLUTE, VOLUME)) {
      String path = entries.getOrDefault(key, "").replace('\\', '/');
      boolean local = path.startsWith("/") && !path.startsWith("//");
      if (!key.equals(RELATIVE) && !local) {
        path = path.substring(path.lastIndexOf('/') + 1);
      } else if (path.startsWith("./")) {
        path = path.substring(2);
      }
      if (!path.isEmpty()) {
        return Optional.of(path);
      }
    }
    return Optional.empty();
  }
}
