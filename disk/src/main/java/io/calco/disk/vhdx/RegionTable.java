package io.calco.disk.vhdx;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Where the regions lie (MS-VHDX 2.2.3).
///
/// @param bat the block allocation table
/// @param metadata the metadata items
/// @param others regions that are not known and may be left alone
record RegionTable(Region bat, Region metadata, List<Region> others) {
  private static final int CHECKSUM = 4;
  private static final int COUNT = 8;
  private static final int ENTRIES = 16;
  private static final int ENTRY_BYTES = 32;

  /// A region; both numbers are multiples of 1 MiB.
  record Region(UUID guid, long offset, long length, boolean required) {
    long end() {
      return offset + length;
    }
  }

  /// Reads the first copy, or the second when the first is damaged.
  static RegionTable read(HostFile file) throws IOException {
    try {
      return read(file, VhdxLayout.REGION_TABLES[0]);
    } catch (CorruptImageException damage) {
      try {
        return read(file, VhdxLayout.REGION_TABLES[1]);
      } catch (CorruptImageException both) {
        damage.addSuppressed(both);
        throw damage;
      }
    }
  }

  private static RegionTable read(HostFile file, long at) throws IOException {
    return parse(
        file, at, VhdxLayout.read(file, "region table", at, VhdxLayout.REGION_TABLE_BYTES));
  }

  private static RegionTable parse(HostFile file, long at, MemorySegment bytes) throws IOException {
    if (bytes.get(VhdxLayout.U32, 0) != VhdxLayout.REGION_MARK) {
      throw CorruptImageException.at(
          file.name(),
          "region table",
          at,
          "0x%08x".formatted(bytes.get(VhdxLayout.U32, 0)),
          "the mark \"regi\"");
    }
    int computed = VhdxLayout.checksum(bytes, CHECKSUM);
    if (bytes.get(VhdxLayout.U32, CHECKSUM) != computed) {
      throw CorruptImageException.at(
          file.name(),
          "region table, checksum",
          at + CHECKSUM,
          "0x%08x".formatted(bytes.get(VhdxLayout.U32, CHECKSUM)),
          "0x%08x".formatted(computed));
    }
    long count = Integer.toUnsignedLong(bytes.get(VhdxLayout.U32, COUNT));
    if (count > VhdxLayout.REGIONS_MAX) {
      throw CorruptImageException.at(
          file.name(),
          "region table, entry count",
          at + COUNT,
          Long.toString(count),
          "at most 2047");
    }
    List<Region> regions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      regions.add(region(file, bytes, at, ENTRIES + i * ENTRY_BYTES));
    }
    checkApart(file, at, regions);
    Region bat = find(file, at, regions, VhdxLayout.BAT, "BAT");
    Region metadata = find(file, at, regions, VhdxLayout.METADATA, "metadata");
    regions.removeAll(List.of(bat, metadata));
    return new RegionTable(bat, metadata, List.copyOf(regions));
  }

  /// All regions.
  List<Region> all() {
    List<Region> all = new ArrayList<>(List.of(bat, metadata));
    all.addAll(others);
    return all;
  }

  /// A line for each copy of the table that is damaged, or says other things than the first sound
  /// one.
  static List<String> damagedCopies(HostFile file) throws IOException {
    List<String> lines = new ArrayList<>();
    Optional<MemorySegment> sound = Optional.empty();
    for (long at : VhdxLayout.REGION_TABLES) {
      Optional<MemorySegment> copy = soundCopy(file, at);
      if (copy.isEmpty()) {
        lines.add("%s: region table at 0x%x: damaged".formatted(file.name(), at));
      } else if (sound.isEmpty()) {
        sound = copy;
      } else if (sound.get().mismatch(copy.get()) >= 0) {
        lines.add("%s: region table at 0x%x: not as the first one".formatted(file.name(), at));
      }
    }
    return lines;
  }

  /// Writes the first sound copy over the other.
  static void mend(HostFile file) throws IOException {
    for (long from : VhdxLayout.REGION_TABLES) {
      Optional<MemorySegment> copy = soundCopy(file, from);
      if (copy.isPresent()) {
        for (long at : VhdxLayout.REGION_TABLES) {
          if (at != from) {
            file.write(at, copy.get());
          }
        }
        file.sync();
        return;
      }
    }
  }

  private static Optional<MemorySegment> soundCopy(HostFile file, long at) throws IOException {
    MemorySegment bytes = VhdxLayout.read(file, "region table", at, VhdxLayout.REGION_TABLE_BYTES);
    try {
      parse(file, at, bytes);
      return Optional.of(bytes);
    } catch (CorruptImageException damage) {
      return Optional.empty();
    }
  }

  private static Region region(HostFile file, MemorySegment bytes, long table, long entry)
      throws IOException {
    Region region =
        new Region(
            Guids.get(bytes, entry),
            bytes.get(VhdxLayout.U64, entry + 16),
            Integer.toUnsignedLong(bytes.get(VhdxLayout.U32, entry + 24)),
            (bytes.get(VhdxLayout.U32, entry + 28) & 1) != 0);
    if (region.offset < VhdxLayout.MIB
        || region.offset % VhdxLayout.MIB != 0
        || region.length % VhdxLayout.MIB != 0
        || region.length == 0
        || region.offset > Long.MAX_VALUE - region.length) {
      throw CorruptImageException.at(
          file.name(),
          "region table, entry",
          table + entry,
          "%d bytes at 0x%x".formatted(region.length, region.offset),
          "multiples of 1 MiB after the headers");
    }
    if (region.required
        && !region.guid.equals(VhdxLayout.BAT)
        && !region.guid.equals(VhdxLayout.METADATA)) {
      throw new UnsupportedFeatureException(
          "%s: needs the region %s, which is not known".formatted(file.name(), region.guid));
    }
    return region;
  }

  private static void checkApart(HostFile file, long table, List<Region> regions)
      throws CorruptImageException {
    List<Region> sorted = new ArrayList<>(regions);
    sorted.sort(Comparator.comparingLong(Region::offset));
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).offset < sorted.get(i - 1).end()) {
        throw CorruptImageException.at(
            file.name(),
            "region table",
            table,
            "regions that meet at 0x%x".formatted(sorted.get(i).offset),
            "regions apart");
      }
    }
  }

  private static Region find(
      HostFile file, long table, List<Region> regions, UUID guid, String name)
      throws CorruptImageException {
    Optional<Region> found = regions.stream().filter(r -> r.guid.equals(guid)).findFirst();
    return found.orElseThrow(() ->
        CorruptImageException.at(
            file.name(), "region table", table, "no " + name + " region", "one"));
  }

  /// Fails when a log lies over a region.
  void checkApart(HostFile file, VhdxHeader header) throws CorruptImageException {
    for (Region region : all()) {
      if (header.logOffset() < region.end()
          && region.offset < header.logOffset() + header.logLength()) {
        throw CorruptImageException.at(
            file.name(),
            "header, log",
            VhdxLayout.HEADERS[header.place()],
            "a log at 0x%x, where the region %s lies".formatted(header.logOffset(), region.guid()),
            "a log apart from all regions");
      }
    }
  }

  /// Writes both copies.
  void write(VhdxLayout.Sink file) throws IOException {
    MemorySegment bytes = MemorySegment.ofArray(new byte[VhdxLayout.REGION_TABLE_BYTES]);
    bytes.set(VhdxLayout.U32, 0, VhdxLayout.REGION_MARK);
    bytes.set(VhdxLayout.U32, COUNT, 2);
    put(bytes, ENTRIES, bat);
    put(bytes, ENTRIES + ENTRY_BYTES, metadata);
    bytes.set(VhdxLayout.U32, CHECKSUM, VhdxLayout.checksum(bytes, CHECKSUM));
    for (long at : VhdxLayout.REGION_TABLES) {
      file.write(at, bytes);
    }
  }

  private static void put(MemorySegment bytes, long at, Region region) {
    Guids.put(bytes, at, region.guid);
    bytes.set(VhdxLayout.U64, at + 16, region.offset);
    bytes.set(VhdxLayout.U32, at + 24, (int) region.length);
    bytes.set(VhdxLayout.U32, at + 28, 1);
  }
}
