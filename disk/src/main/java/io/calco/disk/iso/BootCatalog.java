package io.calco.disk.iso;

import static io.calco.disk.iso.IsoReader.SECTOR;
import static io.calco.disk.iso.IsoReader.U16;
import static io.calco.disk.iso.IsoReader.U32;

import io.calco.disk.iso.IsoVolume.BootEntry;
import io.calco.disk.iso.IsoVolume.Emulation;
import io.calco.disk.iso.IsoVolume.Platform;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// El Torito's boot catalog: a validation entry, the default entry, then sections of entries for
/// other platforms.
final class BootCatalog {
  private static final int ENTRY = 32;
  private static final int VALIDATION = 0x01;
  private static final int SECTION = 0x90;
  private static final int LAST_SECTION = 0x91;
  private static final int EXTENSION = 0x44;
  private static final int BOOTABLE = 0x88;

  private BootCatalog() {}

  /// The entries of the catalog's first sector; none when its checksum is wrong.
  static List<BootEntry> read(MemorySegment catalog) {
    List<BootEntry> entries = new ArrayList<>();
    if (u8(catalog, 0) != VALIDATION || u8(catalog, 30) != 0x55 || !sumsToZero(catalog)) {
      return entries;
    }
    int platform = u8(catalog, 1);
    entries.add(entry(catalog, ENTRY, platform));
    int inSection = 0;
    for (int at = 2 * ENTRY; at < SECTOR; at += ENTRY) {
      int kind = u8(catalog, at);
      if (inSection > 0) {
        if (kind != EXTENSION) {
          entries.add(entry(catalog, at, platform));
          inSection--;
        }
      } else if (kind == SECTION || kind == LAST_SECTION) {
        platform = u8(catalog, at + 1);
        inSection = Short.toUnsignedInt(catalog.get(U16, at + 2));
      } else if (kind != EXTENSION) {
        break;
      }
    }
    return entries;
  }

  private static boolean sumsToZero(MemorySegment catalog) {
    int sum = 0;
    for (int at = 0; at < ENTRY; at += 2) {
      sum += catalog.get(U16, at);
    }
    return (sum & 0xffff) == 0;
  }

  private static BootEntry entry(MemorySegment catalog, int at, int platform) {
    return new BootEntry(
        switch (platform) {
          case 0 -> Platform.BIOS;
          case 1 -> Platform.POWERPC;
          case 2 -> Platform.MAC;
          case 0xef -> Platform.EFI;
          default -> Platform.OTHER;
        },
        switch (u8(catalog, at + 1) & 0x0f) {
          case 0 -> Emulation.NONE;
          case 1, 2, 3 -> Emulation.FLOPPY;
          case 4 -> Emulation.HARD_DISK;
          default -> Emulation.OTHER;
        },
        u8(catalog, at) == BOOTABLE,
        Integer.toUnsignedLong(catalog.get(U32, at + 8)) * SECTOR);
  }

  private static int u8(MemorySegment bytes, long at) {
    return Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, at));
  }
}
