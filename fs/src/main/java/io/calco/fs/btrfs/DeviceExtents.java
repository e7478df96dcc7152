package io.calco.fs.btrfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/// What chunks take of the device, and where it could lie on fewer bytes. A value.
final class DeviceExtents {
  private static final int MAX = 1 << 16; // ours: 64 TiB in chunks of 1 GiB
  private static final int SIZE = 48; // of an item

  private static final int LOGICAL_AT = 16;
  private static final long ALIGNMENT = 64 << 10; // that of stripes

  /// Where nothing may come to lie: what boot loaders write to, and around the superblocks. An
  /// extent around one leaves it out, by where its chunk lies now.
  private static final List<Extent> KEPT_FREE =
      List.of(
          new Extent(0, 1 << 20, 0),
          new Extent(Superblock.PLACES.get(1), ALIGNMENT, 0),
          new Extent(Superblock.PLACES.get(2), ALIGNMENT, 0));

  /// A part of a chunk, in one piece.
  ///
  /// @param place its first byte on the device
  /// @param length in bytes
  /// @param logical its chunk
  record Extent(long place, long length, long logical) {
    long end() {
      return place + length;
    }

    /// Writes over the item of another extent: of the chunk tree's UUID and object all are the
    /// same.
    void putItem(byte[] bytes, int at) {
      LittleEndian.put64(bytes, at + LOGICAL_AT, logical);
      LittleEndian.put64(bytes, at + LOGICAL_AT + 8, length);
    }

    Extent at(long other) {
      return new Extent(other, length, logical);
    }
  }

  /// Extents by where they lie now, with what they become.
  ///
  /// @param moves ascending
  /// @param end behind the last of them
  record Places(NavigableMap<Long, Extent> moves, long end) {}

  private final List<Extent> extents;

  private DeviceExtents(List<Extent> extents) {
    this.extents = extents;
  }

  /// All of the device, ascending; each is one of its chunk's, and no chunk is without.
  static DeviceExtents read(Volume volume) throws IOException {
    long device = volume.superblock.deviceId();
    List<Extent> extents = new ArrayList<>();
    long end = 0;
    Cursor item = volume.getTree(Keys.DEVICE_TREE).from(device, Keys.DEVICE_EXTENT, 0);
    for (; item.is(device, Keys.DEVICE_EXTENT); item.next()) {
      int at = item.at(SIZE);
      long logical = LittleEndian.s64(item.bytes(), at + LOGICAL_AT);
      Chunk chunk = volume.nodes.chunks().at(logical);
      long place = item.offset();
      boolean right =
          place >= end
              && chunk.logical() == logical
              && chunk.stripes().contains(place)
              && chunk.length() <= volume.superblock.deviceSize() - place;
      if (!right) {
        throw item.corrupt(
            "an extent of the chunk at %d".formatted(chunk.logical()), "one that its chunk has");
      }
      if (extents.size() == MAX) {
        throw new LimitExceededException(
            "btrfs file system: more than %d extents of the device (our limit)".formatted(MAX));
      }
      extents.add(new Extent(place, chunk.length(), chunk.logical()));
      end = place + chunk.length();
    }
    int stripes = volume.nodes.chunks().all().stream().mapToInt(c -> c.stripes().size()).sum();
    if (stripes != extents.size()) {
      throw new CorruptImageException(
          "btrfs file system: device tree: found %d extents, expected %d"
              .formatted(extents.size(), stripes));
    }
    return new DeviceExtents(extents);
  }

  /// The same of chunks of other lengths.
  ///
  /// @param lengths by the chunk's first address; the others stay as long as they are
  DeviceExtents with(Map<Long, Long> lengths) {
    return new DeviceExtents(
        extents.stream()
            .map(e ->
                new Extent(e.place(), lengths.getOrDefault(e.logical(), e.length()), e.logical()))
            .toList());
  }

  /// Bytes that all take together.
  long bytes() {
    return extents.stream().mapToLong(Extent::length).sum();
  }

  /// The least bytes of a device on which all find a place.
  long leastEnd() {
    long least = Long.MAX_VALUE;
    for (Predicate<Extent> stays : List.<Predicate<Extent>>of(this::aroundKeptFree, e -> false)) {
      Optional<Places> places = places(Long.MAX_VALUE, stays);
      if (places.isPresent()) {
        least = Math.min(least, places.get().end());
      }
    }
    return least;
  }

  /// Places before an end: those of now as far as that does, else all anew.
  Optional<Places> before(long end) {
    return places(end, extent -> true)
        .or(() -> places(end, this::aroundKeptFree))
        .or(() -> places(end, extent -> false))
        .filter(found -> found.end() <= end);
  }

  private boolean aroundKeptFree(Extent extent) {
    return KEPT_FREE.stream().anyMatch(e -> e.place() < extent.end() && extent.place() < e.end());
  }

  /// The largest first, each in the first gap that holds it.
  ///
  /// @param stays extents that stay when they end early enough
  private Optional<Places> places(long end, Predicate<Extent> stays) {
    Map<Extent, Extent> places = new HashMap<>();
    List<Extent> taken = new ArrayList<>(KEPT_FREE);
    List<Extent> moving = new ArrayList<>();
    for (Extent extent : extents) {
      if (extent.end() <= end && stays.test(extent)) {
        places.put(extent, extent);
        taken.add(extent);
      } else {
        moving.add(extent);
      }
    }
    NavigableMap<Long, Long> gaps = gaps(taken, end);
    moving.sort(Comparator.comparingLong(Extent::length).reversed());
    for (Extent extent : moving) {
      Optional<Map.Entry<Long, Long>> gap =
          gaps.entrySet().stream().filter(g -> g.getValue() >= extent.length()).findFirst();
      if (gap.isEmpty()) {
        return Optional.empty();
      }
      long place = gap.get().getKey();
      gaps.remove(place);
      addGap(gaps, place + extent.length(), place + gap.get().getValue());
      places.put(extent, extent.at(place));
    }
    TreeMap<Long, Extent> moves = new TreeMap<>();
    long last = KEPT_FREE.getFirst().end();
    for (Map.Entry<Extent, Extent> entry : places.entrySet()) {
      moves.put(entry.getKey().place(), entry.getValue());
      last = Math.max(last, entry.getValue().end());
    }
    return Optional.of(new Places(moves, last));
  }

  /// Lengths of aligned gaps by their start.
  private static NavigableMap<Long, Long> gaps(List<Extent> taken, long end) {
    taken.sort(Comparator.comparingLong(Extent::place));
    NavigableMap<Long, Long> gaps = new TreeMap<>();
    long at = 0;
    for (Extent extent : taken) {
      addGap(gaps, at, Math.min(end, extent.place()));
      at = Math.max(at, extent.end());
    }
    addGap(gaps, at, end);
    return gaps;
  }

  private static void addGap(Map<Long, Long> gaps, long from, long end) {
    long start = Math.ceilDiv(from, ALIGNMENT) * ALIGNMENT;
    if (start < end) {
      gaps.put(start, end - start);
    }
  }
}
