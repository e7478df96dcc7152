package io.calco.disk.iso;

import io.calco.disk.Disk;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads a volume's descriptors. Confined.
final class IsoReader {
  static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static final int SECTOR = 2048;
  private static final int FIRST_DESCRIPTOR = 16;

  /// Ours: real discs have three to five.
  private static final int DESCRIPTORS_MAX = 64;

  private static final int TYPE_BOOT = 0;
  private static final int TYPE_PRIMARY = 1;
  private static final int TYPE_SUPPLEMENTARY = 2;
  private static final int TYPE_END = 255;

  private static final int SYSTEM_ID = 8;
  private static final int VOLUME_ID = 40;
  private static final int VOLUME_SPACE_SIZE = 80;
  private static final int ESCAPE_SEQUENCES = 88;
  private static final int LOGICAL_BLOCK_SIZE = 128;
  private static final int ROOT_DIRECTORY = 156;
  private static final int APPLICATION_ID = 574;
  private static final int BOOT_SYSTEM_ID = 7;
  private static final int BOOT_CATALOG = 71;

  private static final int EXTENT = 2;
  private static final int RECORD_NAME_LENGTH = 32;
  private static final int RECORD_NAME = 33;

  private final Disk disk;
  private @Nullable MemorySegment primary;
  private boolean joliet;
  private boolean udf;
  private List<IsoVolume.BootEntry> boot = List.of();

  IsoReader(Disk disk) {
    this.disk = disk;
  }

  Optional<IsoVolume> read() throws IOException {
    boolean ended = false;
    for (int i = 0; i < DESCRIPTORS_MAX; i++) {
      MemorySegment sector = sector(FIRST_DESCRIPTOR + i);
      if (sector == null) {
        break;
      }
      String id = text(sector, 1, 5);
      if (id.equals("CD001") && !ended) {
        ended = descriptor(Byte.toUnsignedInt(sector.get(ValueLayout.JAVA_BYTE, 0)), sector);
      } else if (id.equals("NSR02") || id.equals("NSR03")) {
        udf = true;
      } else if (!id.equals("BEA01") && !id.equals("TEA01") && !id.equals("BOOT2")) {
        break;
      }
    }
    MemorySegment found = primary;
    return found == null ? Optional.empty() : Optional.of(volume(found));
  }

  /// Takes a volume descriptor; true for the last one.
  private boolean descriptor(int type, MemorySegment sector) throws IOException {
    switch (type) {
      case TYPE_BOOT -> {
        if (text(sector, BOOT_SYSTEM_ID, 32).equals("EL TORITO SPECIFICATION")) {
          MemorySegment catalog = sector(u32(sector, BOOT_CATALOG));
          boot = catalog == null ? List.of() : BootCatalog.read(catalog);
        }
      }
      case TYPE_PRIMARY -> primary = primary == null ? sector : primary;
      case TYPE_SUPPLEMENTARY -> {
        String escape = text(sector, ESCAPE_SEQUENCES, 3);
        joliet |= escape.equals("%/@") || escape.equals("%/C") || escape.equals("%/E");
      }
      default -> {}
    }
    return type == TYPE_END;
  }

  private IsoVolume volume(MemorySegment descriptor) throws IOException {
    long block = Short.toUnsignedLong(descriptor.get(U16, LOGICAL_BLOCK_SIZE));
    return new IsoVolume(
        text(descriptor, VOLUME_ID, 32),
        text(descriptor, SYSTEM_ID, 32),
        text(descriptor, APPLICATION_ID, 128),
        u32(descriptor, VOLUME_SPACE_SIZE) * block,
        joliet,
        hasRockRidge(u32(descriptor, ROOT_DIRECTORY + EXTENT) * block),
        udf,
        boot,
        beside());
  }

  /// The root's own record has SUSP's mark, and an entry of Rock Ridge after it.
  private boolean hasRockRidge(long root) throws IOException {
    MemorySegment record = bytes(root, SECTOR);
    if (record == null) {
      return false;
    }
    int length = u8(record, 0);
    int nameLength = u8(record, RECORD_NAME_LENGTH);
    int at = RECORD_NAME + nameLength + (nameLength % 2 == 0 ? 1 : 0);
    if (at + 7 > length
        || !text(record, at, 2).equals("SP")
        || u8(record, at + 4) != 0xbe
        || u8(record, at + 5) != 0xef) {
      return false;
    }
    while (at + 4 <= length) {
      String entry = text(record, at, 2);
      if (entry.equals("PX") || entry.equals("RR")) {
        return true;
      }
      at += Math.max(4, u8(record, at + 2));
    }
    return false;
  }

  private Set<IsoVolume.Beside> beside() throws IOException {
    Set<IsoVolume.Beside> found = EnumSet.noneOf(IsoVolume.Beside.class);
    MemorySegment start = bytes(0, SECTOR + 2);
    if (start == null) {
      return found;
    }
    boolean partitions = false;
    for (int i = 0; i < 4; i++) {
      partitions |= u8(start, 446 + 16 * i + 4) != 0;
    }
    if (u8(start, 510) == 0x55 && u8(start, 511) == 0xaa && partitions) {
      found.add(IsoVolume.Beside.MBR);
    }
    if (text(start, 512, 8).equals("EFI PART")) {
      found.add(IsoVolume.Beside.GPT);
    }
    if (text(start, 512, 4).startsWith("PM") || text(start, SECTOR, 2).equals("PM")) {
      found.add(IsoVolume.Beside.APPLE);
    }
    return found;
  }

  private @Nullable MemorySegment sector(long number) throws IOException {
    return bytes(number * SECTOR, SECTOR);
  }

  private @Nullable MemorySegment bytes(long offset, int length) throws IOException {
    return offset > disk.size() - length
        ? null
        : MemorySegment.ofArray(disk.readBytes(offset, length));
  }

  private static long u32(MemorySegment bytes, long at) {
    return Integer.toUnsignedLong(bytes.get(U32, at));
  }

  private static int u8(MemorySegment bytes, long at) {
    return Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, at));
  }

  /// Text without the spaces after it, control characters replaced.
  private static String text(MemorySegment bytes, long at, int length) {
    byte[] chars = bytes.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
    StringBuilder text = new StringBuilder(length);
    for (char c : new String(chars, StandardCharsets.UTF_8).toCharArray()) {
      text.append(Character.isISOControl(c) ? (c == 0 ? ' ' : '\uFFFD') : c);
    }
    return text.toString().stripTrailing();
  }
}
