package io.calco.disk.vhdx;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// The metadata items (MS-VHDX 2.6).
///
/// @param blockSize bytes in a block, a power of two from 1 to 256 MiB
/// @param fixed no block is ever given back
/// @param parent the image below, of a differencing image
/// @param size virtual size in bytes, a multiple of the sector
/// @param sizeAt where the virtual size stands in the file
/// @param sector bytes in a logical sector, 512 or 4096
/// @param diskId what identifies the disk to its guest
record Metadata(
    int blockSize,
    boolean fixed,
    Optional<ParentLocator> parent,
    long parentAt,
    long size,
    long sizeAt,
    int sector,
    int physicalSector,
    UUID diskId) {
  private static final int TABLE_BYTES = 64 << 10;
  private static final int ENTRY_BYTES = 32;
  private static final int ENTRIES_MAX = 2047;
  private static final int ITEM_MAX = 1 << 20;
  private static final int REQUIRED = 4;
  private static final int VIRTUAL_DISK = 2;
  private static final int FIXED = 1;
  private static final int HAS_PARENT = 2;

  private static final Set<UUID> KNOWN =
      Set.of(
          VhdxLayout.FILE_PARAMETERS,
          VhdxLayout.DISK_SIZE,
          VhdxLayout.DISK_ID,
          VhdxLayout.LOGICAL_SECTOR,
          VhdxLayout.PHYSICAL_SECTOR,
          VhdxLayout.PARENT_LOCATOR);

  /// An item's place in the file.
  private record Item(long offset, int length) {}

  static Metadata read(HostFile file, RegionTable.Region region) throws IOException {
    Map<UUID, Item> items = items(file, region);
    MemorySegment parameters = item(file, items, VhdxLayout.FILE_PARAMETERS, 8);
    long blockSize = Integer.toUnsignedLong(parameters.get(VhdxLayout.U32, 0));
    int flags = parameters.get(VhdxLayout.U32, 4);
    long size = item(file, items, VhdxLayout.DISK_SIZE, 8).get(VhdxLayout.U64, 0);
    int sector = item(file, items, VhdxLayout.LOGICAL_SECTOR, 4).get(VhdxLayout.U32, 0);
    int physical =
        items.containsKey(VhdxLayout.PHYSICAL_SECTOR)
            ? item(file, items, VhdxLayout.PHYSICAL_SECTOR, 4).get(VhdxLayout.U32, 0)
            : sector;
    UUID id =
        items.containsKey(VhdxLayout.DISK_ID)
            ? Guids.get(item(file, items, VhdxLayout.DISK_ID, 16), 0)
            : Guids.NONE;
    if (blockSize < VhdxLayout.BLOCK_MIN
        || blockSize > VhdxLayout.BLOCK_MAX
        || Long.bitCount(blockSize) != 1) {
      throw bad(
          file,
          items,
          VhdxLayout.FILE_PARAMETERS,
          "blocks of %d bytes".formatted(blockSize),
          "a power of two from 1 to 256 MiB");
    }
    if (sector != 512 && sector != 4096) {
      throw bad(
          file,
          items,
          VhdxLayout.LOGICAL_SECTOR,
          "sectors of %d bytes".formatted(sector),
          "512 or 4096");
    }
    if (size < 0 || size > VhdxLayout.DISK_SIZE_MAX || size % sector != 0) {
      throw bad(
          file,
          items,
          VhdxLayout.DISK_SIZE,
          "a disk of %d bytes".formatted(size),
          "whole sectors, at most 64 TiB");
    }
    boolean hasParent = (flags & HAS_PARENT) != 0;
    long parentAt = hasParent ? place(file, items, VhdxLayout.PARENT_LOCATOR).offset : 0;
    return new Metadata(
        (int) blockSize,
        (flags & FIXED) != 0,
        hasParent
            ? Optional.of(
                ParentLocator.parse(
                    file, parentAt, item(file, items, VhdxLayout.PARENT_LOCATOR, 0)))
            : Optional.empty(),
        parentAt,
        size,
        place(file, items, VhdxLayout.DISK_SIZE).offset,
        sector,
        physical,
        id);
  }

  private static Map<UUID, Item> items(HostFile file, RegionTable.Region region)
      throws IOException {
    MemorySegment table = VhdxLayout.read(file, "metadata table", region.offset(), TABLE_BYTES);
    int count = Short.toUnsignedInt(table.get(VhdxLayout.U16, 10));
    if (table.get(VhdxLayout.U64, 0) != VhdxLayout.METADATA_MARK || count > ENTRIES_MAX) {
      throw CorruptImageException.at(
          file.name(),
          "metadata table",
          region.offset(),
          "mark 0x%016x, %d entries".formatted(table.get(VhdxLayout.U64, 0), count),
          "the mark \"metadata\", at most 2047 entries");
    }
    Map<UUID, Item> items = new HashMap<>();
    for (int i = 1; i <= count; i++) {
      long entry = (long) i * ENTRY_BYTES;
      UUID id = Guids.get(table, entry);
      long offset = Integer.toUnsignedLong(table.get(VhdxLayout.U32, entry + 16));
      long length = Integer.toUnsignedLong(table.get(VhdxLayout.U32, entry + 20));
      int flags = table.get(VhdxLayout.U32, entry + 24);
      if (!KNOWN.contains(id)) {
        if ((flags & REQUIRED) != 0) {
          throw new UnsupportedFeatureException(
              "%s: needs the metadata item %s, which is not known".formatted(file.name(), id));
        }
        continue;
      }
      if (length > ITEM_MAX
          || length == 0
          || offset < TABLE_BYTES
          || offset + length > region.length()) {
        throw CorruptImageException.at(
            file.name(),
            "metadata table, entry %d".formatted(i - 1),
            region.offset() + entry,
            "%d bytes at 0x%x".formatted(length, offset),
            "at most 1 MiB after the table, inside the region");
      }
      items.put(id, new Item(region.offset() + offset, (int) length));
    }
    return items;
  }

  private static Item place(HostFile file, Map<UUID, Item> items, UUID id) throws IOException {
    Item item = items.get(id);
    if (item == null) {
      throw new CorruptImageException(
          "%s: has no metadata item %s, which every such image has".formatted(file.name(), id));
    }
    return item;
  }

  private static MemorySegment item(HostFile file, Map<UUID, Item> items, UUID id, int least)
      throws IOException {
    Item item = place(file, items, id);
    if (item.length < least) {
      throw CorruptImageException.at(
          file.name(),
          "metadata item " + id,
          item.offset,
          item.length + " bytes",
          least + " bytes");
    }
    return VhdxLayout.read(file, "metadata item " + id, item.offset, item.length);
  }

  private static CorruptImageException bad(
      HostFile file, Map<UUID, Item> items, UUID id, String found, String expected)
      throws IOException {
    return CorruptImageException.at(
        file.name(), "metadata item " + id, place(file, items, id).offset, found, expected);
  }

  /// Lays the region out: the table, then the items, each on 8 bytes of its own at least.
  MemorySegment toBytes() {
    Map<UUID, MemorySegment> items = new LinkedHashMap<>();
    MemorySegment parameters = MemorySegment.ofArray(new byte[8]);
    parameters.set(VhdxLayout.U32, 0, blockSize);
    parameters.set(VhdxLayout.U32, 4, (fixed ? FIXED : 0) | (parent.isPresent() ? HAS_PARENT : 0));
    items.put(VhdxLayout.FILE_PARAMETERS, parameters);
    items.put(VhdxLayout.DISK_SIZE, number(8, size));
    MemorySegment id = MemorySegment.ofArray(new byte[Guids.BYTES]);
    Guids.put(id, 0, diskId);
    items.put(VhdxLayout.DISK_ID, id);
    items.put(VhdxLayout.LOGICAL_SECTOR, number(4, sector));
    items.put(VhdxLayout.PHYSICAL_SECTOR, number(4, physicalSector));
    parent.ifPresent(locator -> items.put(VhdxLayout.PARENT_LOCATOR, locator.toBytes()));
    long length = TABLE_BYTES;
    for (MemorySegment item : items.values()) {
      length += VhdxLayout.up(item.byteSize(), 8);
    }
    MemorySegment region = MemorySegment.ofArray(new byte[Math.toIntExact(length)]);
    region.set(VhdxLayout.U64, 0, VhdxLayout.METADATA_MARK);
    region.set(VhdxLayout.U16, 10, (short) items.size());
    long entry = ENTRY_BYTES;
    long at = TABLE_BYTES;
    for (Map.Entry<UUID, MemorySegment> item : items.entrySet()) {
      UUID which = item.getKey();
      boolean ofFile =
          which.equals(VhdxLayout.FILE_PARAMETERS) || which.equals(VhdxLayout.PARENT_LOCATOR);
      Guids.put(region, entry, which);
      region.set(VhdxLayout.U32, entry + 16, (int) at);
      region.set(VhdxLayout.U32, entry + 20, (int) item.getValue().byteSize());
      region.set(VhdxLayout.U32, entry + 24, REQUIRED | (ofFile ? 0 : VIRTUAL_DISK));
      MemorySegment.copy(item.getValue(), 0, region, at, item.getValue().byteSize());
      entry += ENTRY_BYTES;
      at += VhdxLayout.up(item.getValue().byteSize(), 8);
    }
    return region;
  }

  private static MemorySegment number(int bytes, long value) {
    MemorySegment item = MemorySegment.ofArray(new byte[bytes]);
    if (bytes == 8) {
      item.set(VhdxLayout.U64, 0, value);
    } else {
      item.set(VhdxLayout.U32, 0, (int) value);
    }
    return item;
  }

  /// Payload blocks of the disk.
  long blocks() {
    return Math.ceilDiv(size, blockSize);
  }

  /// Payload blocks that one sector bitmap block stands for (MS-VHDX 2.5).
  int chunkRatio() {
    return Math.toIntExact((1L << 23) * sector / blockSize);
  }

  /// Entries in the BAT.
  static long batEntries(long blocks, int chunkRatio, boolean differencing) {
    if (differencing) {
      return Math.ceilDiv(blocks, chunkRatio) * (chunkRatio + 1L);
    }
    return blocks == 0 ? 0 : blocks + (blocks - 1) / chunkRatio;
  }
}
