package io.calco.volume.lvm;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.volume.target.Targets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Makes disks of a group's logical volumes; each is made once.
final class LogicalDisks {
  private static final int MAX_DEPTH = 16; // ours: volumes that lie on volumes
  private static final int SECTOR = 512;

  private final GroupMap map;
  private final Map<LvmUuid, PhysicalVolume> present;
  private final Map<String, Disk> made = new HashMap<>();
  private final Map<String, ThinPool> pools = new HashMap<>();

  LogicalDisks(GroupMap map, Map<LvmUuid, PhysicalVolume> present) {
    this.map = map;
    this.present = present;
  }

  /// What the guest sees under that name: of a snapshot's store, the snapshot.
  synchronized Disk visible(String name) throws IOException {
    for (GroupMap.Volume volume : map.volumes().values()) {
      if (volume.segments().getFirst().layout() instanceof Segment.Snapshot snapshot) {
        if (snapshot.store().equals(name)) {
          return volume(volume.name(), 0);
        }
        if (snapshot.origin().equals(name) && snapshot.merging()) {
          throw new UnsupportedFeatureException(
              "LVM2: a snapshot is being merged into %s: start the machine and let it finish"
                  .formatted(name));
        }
      }
    }
    return volume(name, 0);
  }

  private Disk volume(String name, int depth) throws IOException {
    Disk known = made.get(name);
    if (known != null) {
      return known;
    }
    if (depth > MAX_DEPTH) {
      throw new LimitExceededException(
          "LVM2: volumes that lie on each other more than %d deep (our limit)"
              .formatted(MAX_DEPTH));
    }
    GroupMap.@Nullable Volume volume = map.volumes().get(name);
    if (volume == null) {
      throw new CorruptImageException(
          "LVM2: found no volume of the name \"%s\", which another lies on"
              .formatted(PlainName.of(name)));
    }
    List<Disk> parts = new ArrayList<>();
    for (Segment segment : volume.segments()) {
      parts.add(segment(segment, depth + 1));
    }
    Disk disk = Targets.linear(parts);
    made.put(name, disk);
    return disk;
  }

  private Disk segment(Segment segment, int depth) throws IOException {
    long bytes = segment.count() * map.extentBytes();
    return switch (segment.layout()) {
      case Segment.Striped striped -> striped(segment, striped, depth);
      case Segment.Mirrored mirrored -> area(mirrored.legs().getFirst(), segment.count(), depth);
      case Segment.Raid1(var legs) -> whole(image(legs, bytes, depth), bytes);
      case Segment.Snapshot snapshot -> snapshot(snapshot, bytes, depth);
      case Segment.Thin thin -> thin(thin, bytes, depth);
      case Segment.ThinPool pool -> throw unread("a thin pool, which is no device of its own");
      case Segment.Other(String type) -> throw unread("a volume of the kind \"" + type + '"');
    };
  }

  private static UnsupportedFeatureException unread(String what) {
    return new UnsupportedFeatureException("LVM2: " + what + " is not read by Calco");
  }

  private Disk striped(Segment segment, Segment.Striped striped, int depth) throws IOException {
    List<Disk> disks = new ArrayList<>();
    long extents = segment.count() / striped.areas().size();
    for (Segment.Area area : striped.areas()) {
      disks.add(area(area, extents, depth));
    }
    if (disks.size() == 1) {
      return disks.getFirst();
    }
    long stripe = striped.stripeSectors() * SECTOR;
    if (extents * map.extentBytes() % stripe != 0) {
      throw new CorruptImageException(
          "LVM2: %s: found %d, which does not divide the stripes' extents"
              .formatted(segment.section().pathOf("stripe_size"), striped.stripeSectors()));
    }
    return Targets.striped(disks, stripe);
  }

  private Disk area(Segment.Area area, long extents, int depth) throws IOException {
    GroupMap.Device device = map.devices().get(area.name());
    long length = extents * map.extentBytes();
    if (device == null) {
      Disk below = volume(area.name(), depth);
      if (area.start() > below.size() / map.extentBytes()
          || area.start() * map.extentBytes() > below.size() - length) {
        throw beyond(area, extents);
      }
      return below.slice(area.start() * map.extentBytes(), length);
    }
    if (area.start() > device.extents() || extents > device.extents() - area.start()) {
      throw beyond(area, extents);
    }
    PhysicalVolume physical = present.get(device.uuid());
    if (physical == null) {
      throw new UnsupportedFeatureException(
          "LVM2: it lies on the physical volume %s (once %s), which is not here"
              .formatted(device.uuid(), device.hint()));
    }
    long start = device.start() + area.start() * map.extentBytes();
    if (start > physical.disk().size() - length) {
      throw new CorruptImageException(
          "LVM2: physical volume %s: ends at byte 0x%x, expected 0x%x or more"
              .formatted(device.uuid(), physical.disk().size(), start + length));
    }
    return physical.disk().slice(start, length);
  }

  private static CorruptImageException beyond(Segment.Area area, long extents) {
    return new CorruptImageException(
        "LVM2: found %d extents from %d on %s, which has fewer"
            .formatted(extents, area.start(), PlainName.of(area.name())));
  }

  /// The image of the leg that is most in step.
  private Disk image(List<Segment.Leg> legs, long bytes, int depth) throws IOException {
    @Nullable Disk best = null;
    Optional<RaidMeta> bestMeta = Optional.empty();
    @Nullable IOException failure = null;
    for (int i = 0; i < legs.size(); i++) {
      try {
        Disk image = volume(legs.get(i).image(), depth);
        Optional<RaidMeta> meta = RaidMeta.read(volume(legs.get(i).meta(), depth), i, bytes);
        if (best == null || meta.isPresent() && meta.get().sounderThan(bestMeta)) {
          best = image;
          bestMeta = meta;
        }
      } catch (CorruptImageException | UnsupportedFeatureException e) {
        failure = failure == null ? e : failure;
      }
    }
    if (best != null) {
      return best;
    }
    throw failure == null ? new CorruptImageException("LVM2: raid1 without legs") : failure;
  }

  private Disk snapshot(Segment.Snapshot snapshot, long bytes, int depth) throws IOException {
    if (snapshot.merging()) {
      throw unread("a snapshot that is being merged");
    }
    Disk origin = volume(snapshot.origin(), depth);
    return SnapshotDriver.open(whole(origin, bytes), volume(snapshot.store(), depth));
  }

  private Disk thin(Segment.Thin thin, long bytes, int depth) throws IOException {
    ThinPool pool = pools.get(thin.pool());
    if (pool == null) {
      pool = pool(thin.pool(), depth);
      pools.put(thin.pool(), pool);
    }
    Optional<Disk> external =
        thin.external().isPresent()
            ? Optional.of(volume(thin.external().get(), depth))
            : Optional.empty();
    return pool.device(thin.deviceId(), bytes, external);
  }

  private ThinPool pool(String name, int depth) throws IOException {
    GroupMap.@Nullable Volume volume = map.volumes().get(name);
    if (volume == null
        || !(volume.segments().getFirst().layout() instanceof Segment.ThinPool pool)) {
      throw new CorruptImageException(
          "LVM2: found no thin pool of the name \"%s\"".formatted(PlainName.of(name)));
    }
    return ThinPool.open(
        volume(pool.metadata(), depth), volume(pool.data(), depth), pool.chunkSectors() * SECTOR);
  }

  private static Disk whole(Disk disk, long bytes) throws CorruptImageException {
    if (disk.size() < bytes) {
      throw new CorruptImageException(
          "LVM2: found a volume of %d bytes below one of %d".formatted(disk.size(), bytes));
    }
    return disk.slice(0, bytes);
  }
}
