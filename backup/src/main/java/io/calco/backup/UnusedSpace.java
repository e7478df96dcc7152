package io.calco.backup;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.FileSystemType;
import io.calco.fs.FileSystems;
import io.calco.fs.UsedBlocks;
import io.calco.fs.swap.Swap;
import io.calco.volume.Volume;
import io.calco.volume.VolumeKeys;
import io.calco.volume.Volumes;
import io.calco.volume.lvm.LogicalVolume;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// What of a disk is in no file system's use: found volume by volume, told in places of the disk.
/// Confined.
final class UnusedSpace {
  /// The kinds of logical volumes every byte of which lies in one place, which no other volume
  /// needs.
  private static final Set<String> PLAIN = Set.of("linear", "striped");

  private final TracedDriver traced;
  private final Disk disk;
  private final Coverage coverage;
  private final Runs.Builder unused = new Runs.Builder();
  private final Map<Integer, Content> partitions = new HashMap<>();
  private final List<String> warnings = new ArrayList<>();
  private final List<LeftOut.Area> leftOut = new ArrayList<>();
  private Content whole = Content.UNKNOWN;

  private UnusedSpace(Disk disk, Coverage coverage) {
    this.traced = new TracedDriver(disk);
    this.disk = Disk.owning(traced);
    this.coverage = coverage;
  }

  /// What was found.
  ///
  /// @param unused runs of the disk that need not be kept
  /// @param partitions what each partition holds, by number
  /// @param whole what a disk without partitions holds
  /// @param warnings one sentence each
  /// @param areas what file systems use, and is unused all the same
  record Found(
      Runs unused,
      Map<Integer, Content> partitions,
      Content whole,
      List<String> warnings,
      List<LeftOut.Area> areas) {

    Optional<LeftOut> leftOut() {
      return areas.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new LeftOut(
                  areas.stream().mapToLong(LeftOut.Area::bytes).sum(),
                  areas.subList(0, Math.min(areas.size(), LeftOut.LISTED))));
    }
  }

  /// Looks at a disk; reads its file systems' maps.
  static Found find(Disk disk, Coverage coverage) throws IOException {
    UnusedSpace space = new UnusedSpace(disk, coverage);
    try (Volumes volumes = Volumes.of(space.disk, VolumeKeys.none())) {
      Set<String> plainGroups = space.plainGroups(volumes);
      for (Volume volume : volumes.all()) {
        space.look(volume, plainGroups);
      }
    } catch (DiskException e) {
      space.warnings.add(String.valueOf(e.getMessage()));
    }
    return new Found(
        coverage == Coverage.EVERY_SECTOR ? Runs.NONE : space.unused.build(),
        Map.copyOf(space.partitions),
        space.whole,
        List.copyOf(space.warnings),
        List.copyOf(space.leftOut));
  }

  /// The volume groups no byte of which is in two volumes.
  private Set<String> plainGroups(Volumes volumes) throws IOException {
    Map<String, List<Volume>> groups = new HashMap<>();
    for (Volume volume : volumes.all()) {
      volume
          .logical()
          .map(LogicalVolume::group)
          .ifPresent(group -> groups.computeIfAbsent(group, _ -> new ArrayList<>()).add(volume));
    }
    Set<String> plain = new java.util.HashSet<>();
    for (Map.Entry<String, List<Volume>> group : groups.entrySet()) {
      if (isPlain(group.getValue())) {
        plain.add(group.getKey());
      }
    }
    return plain;
  }

  private boolean isPlain(List<Volume> members) throws IOException {
    Runs.Builder places = new Runs.Builder();
    long bytes = 0;
    for (Volume volume : members) {
      boolean known = volume.logical().filter(own -> PLAIN.contains(own.kind())).isPresent();
      if (!known || volume.disk().isEmpty()) {
        return false;
      }
      Disk content = volume.disk().get();
      bytes += content.size();
      traced.trace(content, 0, content.size(), places::add);
    }
    return places.build().bytes() == bytes;
  }

  private void look(Volume volume, Set<String> plainGroups) throws IOException {
    Content content = Content.UNKNOWN;
    if (!volume.leaf()) {
      content =
          new Content(volume.container(), volume.uuid(), Optional.empty(), OptionalLong.empty());
    } else if (volume.disk().isPresent() && liesPlainly(volume, plainGroups)) {
      try {
        content = examine(volume, volume.disk().get());
      } catch (DiskException e) {
        warnings.add("%s is kept in full: %s".formatted(volume.name(), e.getMessage()));
      }
    }
    if (volume.partition().isPresent()) {
      partitions.put(volume.partition().get().number(), content);
    } else if (volume.parents().isEmpty()) {
      whole = content;
    }
  }

  /// True when the volume's bytes are the disk's, and no other volume's.
  private static boolean liesPlainly(Volume volume, Set<String> plainGroups) {
    return volume.parents().isEmpty()
        || volume.logical().filter(own -> plainGroups.contains(own.group())).isPresent()
            && volume.parents().stream().allMatch(parent -> parent.parents().isEmpty());
  }

  private Content examine(Volume volume, Disk content) throws IOException {
    Optional<FileSystemType> type = FileSystems.probe(content);
    if (type.isPresent()) {
      PageFiles pageFiles = new PageFiles(content);
      UsedBlocks used = type.get().openUsedBlocks(pageFiles.disk());
      try {
        Content taken = take(volume, content, used);
        if (coverage == Coverage.WITHOUT_PAGE_FILES
            && used instanceof FileSystem files
            && used.tellsAll()) {
          leaveOut(volume, content, files, pageFiles);
        }
        return taken;
      } finally {
        if (used instanceof FileSystem fileSystem) {
          fileSystem.close();
        }
      }
    }
    Optional<Swap> swap = Swap.find(content);
    if (swap.isEmpty()) {
      return coverage == Coverage.WITHOUT_PAGE_FILES ? awake(volume, content) : Content.UNKNOWN;
    }
    FileSystemFacts facts = swap.get().facts();
    if (coverage == Coverage.USED || coverage == Coverage.WITHOUT_PAGE_FILES) {
      forget(content, facts.blockSize(), facts.size());
    }
    return new Content(
        Optional.of(facts.type()), facts.uuid(), facts.label(), OptionalLong.of(facts.blockSize()));
  }

  /// Leaves out the machine that is suspended in a swap area, if one is. Its header stays: Linux
  /// finds no machine behind it, says so, and makes swap of it again.
  private Content awake(Volume volume, Disk content) throws IOException {
    Optional<Swap> suspended = Swap.findSuspended(content);
    if (suspended.isEmpty()) {
      return Content.UNKNOWN;
    }
    FileSystemFacts facts = suspended.get().facts();
    forget(content, facts.blockSize(), facts.size());
    leftOut.add(
        new LeftOut.Area(volume.name(), "suspended machine", facts.size() - facts.blockSize()));
    return new Content(
        Optional.of("swsuspend"), facts.uuid(), facts.label(), OptionalLong.of(facts.blockSize()));
  }

  private void leaveOut(Volume volume, Disk content, FileSystem files, PageFiles pageFiles)
      throws IOException {
    try {
      pageFiles.find(
          files.facts().type(),
          files,
          (path, places) -> {
            places.forEach((start, end) -> forget(content, start, end));
            leftOut.add(new LeftOut.Area(volume.name(), path, places.bytes()));
          });
    } catch (DiskException e) {
      warnings.add("page files in %s are kept: %s".formatted(volume.name(), e.getMessage()));
    }
  }

  /// Notes what is between the runs in use, as far as the file system's last whole block. Nothing
  /// is noted unless the whole map could be read.
  private Content take(Volume volume, Disk content, UsedBlocks used) throws IOException {
    FileSystemFacts facts = used.facts();
    if (!used.tellsAll()) {
      warnings.add(
          "%s is kept in full: its %s file system was not unmounted in order"
              .formatted(volume.name(), facts.type()));
      return new Content(
          Optional.of(facts.type()),
          facts.uuid(),
          facts.label(),
          OptionalLong.of(Math.max(0, facts.size() - facts.free())));
    }
    Runs.Builder free = new Runs.Builder();
    long[] at = {0};
    used.usedRuns((offset, length) -> {
      if (offset < at[0] || length < 0 || offset > Long.MAX_VALUE - length) {
        throw new CorruptImageException(
            "%s file system in %s: found a run in use of %d bytes at 0x%x, expected one behind 0x%x"
                .formatted(facts.type(), volume.name(), length, offset, at[0]));
      }
      free.add(at[0], offset);
      at[0] = offset + length;
    });
    long end = Math.min(facts.size(), content.size());
    free.add(at[0], end - Math.max(0, end - at[0]) % Math.max(1, facts.blockSize()));
    Runs runs = free.build();
    runs.forEach((start, to) -> forget(content, start, to));
    return new Content(
        Optional.of(facts.type()),
        facts.uuid(),
        facts.label(),
        OptionalLong.of(Math.max(0, end - runs.bytesIn(0, end))));
  }

  private void forget(Disk content, long start, long end) throws IOException {
    long length = Math.min(end, content.size()) - start;
    if (length > 0) {
      traced.trace(content, start, length, unused::add);
    }
  }
}
