package io.calco.engine.backup;

import io.calco.disk.Disk;
import io.calco.volume.lvm.LogicalVolume;
import io.calco.volume.lvm.PhysicalVolume;
import io.calco.volume.lvm.ShorterVolume;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/// The only physical volume of a volume group. Where what is free in the group does not do, its
/// file systems give up what is free in them, in proportion to it, and swap areas after them.
final class GroupContent implements Content {
  private final ShorterVolume shorter;
  private final long size;
  private final Map<LogicalVolume, Content> contents = new LinkedHashMap<>();

  private GroupContent(ShorterVolume shorter, long size) {
    this.shorter = shorter;
    this.size = size;
  }

  /// @throws io.calco.disk.DiskException when it cannot be made shorter
  static GroupContent of(PhysicalVolume volume) throws IOException {
    ShorterVolume shorter = ShorterVolume.of(volume);
    GroupContent group = new GroupContent(shorter, volume.disk().size());
    for (LogicalVolume logical : shorter.group().logicalVolumes()) {
      Disk part = shorter.group().open(logical).readOnly();
      group.contents.put(logical, Content.inVolume(part, "unknown content"));
    }
    return group;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public long least() {
    Map<String, Long> least = new HashMap<>();
    contents.forEach((logical, content) -> least.put(logical.name(), content.least()));
    return Math.min(size, shorter.sizeFor(least));
  }

  @Override
  public String inTheWay() {
    String kept =
        contents.entrySet().stream()
            .filter(entry -> entry.getValue() instanceof Kept)
            .map(entry ->
                "; %s %s".formatted(entry.getKey().describe(), entry.getValue().inTheWay()))
            .collect(Collectors.joining());
    return Content.super.inTheWay() + kept;
  }

  @Override
  public Shorter shortened(long length) throws IOException {
    List<String> steps = new ArrayList<>();
    Map<String, Disk> shortened = new HashMap<>();
    long extent = shorter.group().extentSize();
    for (Map.Entry<LogicalVolume, Long> entry : sizes(shorter.excess(length)).entrySet()) {
      LogicalVolume logical = entry.getKey();
      if (entry.getValue() < logical.size()) {
        Disk disk = disk(logical, entry.getValue());
        shortened.put(logical.name(), disk);
        steps.add(
            "%s: %d bytes instead of %d"
                .formatted(
                    logical.describe(),
                    Math.ceilDiv(disk.size(), extent) * extent,
                    logical.size()));
      }
    }
    return new Shorter(shorter.make(length, shortened), steps);
  }

  private Disk disk(LogicalVolume logical, long length) throws IOException {
    Content content = Objects.requireNonNull(contents.get(logical));
    return length < content.size()
        ? content.shortened(length).disk()
        : shorter.group().open(logical).slice(0, content.size());
  }

  /// Bytes that each volume gets, so that all have `excess` fewer together.
  private Map<LogicalVolume, Long> sizes(long excess) {
    Map<LogicalVolume, Long> sizes = new LinkedHashMap<>();
    long left = excess;
    for (boolean swap : new boolean[] {false, true}) {
      Map<LogicalVolume, Long> spare = spare(swap);
      long free = spare.values().stream().mapToLong(Long::longValue).sum();
      for (Map.Entry<LogicalVolume, Long> entry : spare.entrySet()) {
        long own = entry.getValue();
        long less = Math.min(own, part(left, own, free));
        sizes.put(entry.getKey(), entry.getKey().size() - less);
        left -= less;
        free -= own;
      }
    }
    return sizes;
  }

  /// Bytes, whole extents, that swap areas, or all others, need not have.
  private Map<LogicalVolume, Long> spare(boolean swap) {
    long extent = shorter.group().extentSize();
    Map<LogicalVolume, Long> spare = new LinkedHashMap<>();
    contents.forEach((logical, content) -> {
      if (content instanceof SwapArea == swap) {
        long least = Math.ceilDiv(content.least(), extent) * extent;
        spare.put(logical, Math.max(0, logical.size() - least));
      }
    });
    return spare;
  }

  /// As much of what is left to take as `own` is of `free`, in whole extents; never too little when
  /// `own` is all of it.
  private long part(long left, long own, long free) {
    if (left <= 0 || free <= 0) {
      return 0;
    }
    long extent = shorter.group().extentSize();
    long wanted = left / extent;
    return (long) Math.ceil(wanted * ((double) own / free)) * extent;
  }
}
