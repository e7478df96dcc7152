package io.calco.volume.lvm;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which volumes of a group the guest sees, and which of them may be written here.
final class VisibleVolumes {
  private final String group;
  private final GroupMap map;
  private final Map<String, GroupMap.Volume> snapshots = new HashMap<>();
  private final Set<String> origins = new HashSet<>();

  VisibleVolumes(String group, GroupMap map) {
    this.group = group;
    this.map = map;
    for (GroupMap.Volume volume : map.volumes().values()) {
      if (volume.segments().getFirst().layout() instanceof Segment.Snapshot snapshot) {
        snapshots.put(snapshot.store(), volume);
        origins.add(snapshot.origin());
      }
      for (Segment segment : volume.segments()) {
        if (segment.layout() instanceof Segment.Thin thin) {
          thin.external().ifPresent(origins::add);
        }
      }
    }
  }

  List<LogicalVolume> list() {
    return map.volumes().values().stream().filter(this::isDevice).map(this::logical).toList();
  }

  /// A snapshot's own entry has a name that nobody sees; the store has the one they see.
  private boolean isDevice(GroupMap.Volume volume) {
    Segment.Layout first = volume.segments().getFirst().layout();
    if (first instanceof Segment.Snapshot || first instanceof Segment.ThinPool) {
      return false;
    }
    return volume.visible() || snapshots.containsKey(volume.name());
  }

  private LogicalVolume logical(GroupMap.Volume volume) {
    GroupMap.Volume shown = snapshots.getOrDefault(volume.name(), volume);
    return new LogicalVolume(
        group,
        volume.name(),
        volume.uuid(),
        kind(shown.segments().getFirst()),
        shown.extents() * map.extentBytes(),
        readOnly(volume, shown));
  }

  private static String kind(Segment segment) {
    return switch (segment.layout()) {
      case Segment.Striped striped ->
          striped.areas().size() == 1
              ? "linear"
              : segment.section().findText("type").orElse("striped");
      default -> segment.section().findText("type").map(PlainName::of).orElse("unknown");
    };
  }

  private Optional<String> readOnly(GroupMap.Volume volume, GroupMap.Volume shown) {
    if (!volume.writable()) {
      return Optional.of("its volume group makes it read-only");
    }
    if (origins.contains(volume.name())) {
      return Optional.of("it has snapshots, which a change would damage");
    }
    return obstacle(shown, new HashSet<>());
  }

  private Optional<String> obstacle(GroupMap.Volume volume, Set<String> seen) {
    for (Segment segment : volume.segments()) {
      Optional<String> found =
          switch (segment.layout()) {
            case Segment.Striped striped -> obstacle(striped, seen);
            case Segment.Mirrored mirrored -> Optional.of("it is mirrored");
            case Segment.Raid1 raid -> Optional.of("it is mirrored");
            case Segment.Snapshot snapshot -> Optional.of("it is a snapshot");
            case Segment.Thin thin -> Optional.of("it is thinly provisioned");
            case Segment.ThinPool pool -> Optional.of("it is a thin pool");
            case Segment.Other other -> Optional.of("it is of the kind " + other.type());
          };
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private Optional<String> obstacle(Segment.Striped striped, Set<String> seen) {
    for (Segment.Area area : striped.areas()) {
      GroupMap.Volume below = map.volumes().get(area.name());
      if (!map.devices().containsKey(area.name()) && below != null && seen.add(area.name())) {
        Optional<String> found = obstacle(below, seen);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }
}
