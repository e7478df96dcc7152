package io.calco.engine;

import io.calco.disk.Disk;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemType;
import io.calco.fs.FileSystems;
import io.calco.guest.Content;
import io.calco.guest.GuestDisk;
import io.calco.guest.GuestTree;
import io.calco.guest.GuestVolume;
import io.calco.guest.personalise.FirstBootScript;
import io.calco.volume.Partition;
import io.calco.volume.PartitionTable;
import io.calco.volume.Volume;
import io.calco.volume.VolumeKeys;
import io.calco.volume.Volumes;
import io.calco.volume.lvm.GroupWriter;
import io.calco.volume.lvm.LogicalVolume;
import io.calco.volume.lvm.PhysicalVolume;
import io.calco.volume.lvm.VolumeGroup;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Lets a guest use the space that its disk has gained: the last partition grows to the end, the
/// physical and the logical volume in it where there are, then the file system: here, or where only
/// the guest's kernel can, when the clone first starts.
public final class DiskGrowth {
  private final Disk disk;
  private final String name;

  private DiskGrowth(Disk disk, String name) {
    this.disk = disk;
    this.name = name;
  }

  /// What is at the disk's end.
  ///
  /// @param where for a person
  /// @param group the volume group whose physical volume it is; empty when it is none
  private record End(String where, Optional<VolumeGroup> group) {}

  /// Grows what is last on the disk to the disk's end, offline: a file system, or in a volume group
  /// the one that holds the guest's root, else the last that can grow.
  ///
  /// @param name the disk, for messages
  /// @return the UUID of the file system that the guest must grow itself, see [#atFirstBoot]
  /// @throws OperationException when nothing there can grow; nothing was written then
  static Optional<String> growToEnd(Disk disk, String name) throws IOException {
    return new DiskGrowth(disk, name).run();
  }

  /// Grows what is in a partition to the partition's end, offline, as [#growToEnd] does; the table
  /// stays.
  ///
  /// @param partition as it is on the disk now
  /// @param name the disk, for messages
  /// @return the UUID of the file system that grows only where it is mounted
  /// @throws OperationException when nothing there can grow; nothing was written then
  public static Optional<String> growIn(Disk disk, Partition partition, String name)
      throws IOException {
    DiskGrowth growth = new DiskGrowth(disk, name);
    Optional<Partition> place = Optional.of(partition);
    End end = growth.end(place);
    return end.group().isPresent()
        ? growth.growLogical(place, growth.growing(end.group().get(), end.where()).name())
        : growth.grow(partition.slice(disk), end.where());
  }

  /// The program by which a guest grows a file system of its own.
  ///
  /// @param uuid the file system's
  /// @throws OperationException when the guest does not mount it
  static FirstBootScript atFirstBoot(GuestTree tree, String uuid, String name) {
    for (Map.Entry<String, GuestVolume> mount : tree.mounts().entrySet()) {
      if (mount.getValue().facts().uuid().equals(Optional.of(uuid))) {
        String tool =
            mount.getValue().facts().type().equals("btrfs")
                ? "btrfs filesystem resize max"
                : "xfs_growfs";
        String point = "'" + mount.getKey().replace("'", "'\\''") + "'";
        return new FirstBootScript(
            "grow", Content.of("#!/bin/sh\nexec %s %s\n".formatted(tool, point)));
      }
    }
    throw new OperationException(
        OperationException.Kind.UNSUPPORTED,
        "%s: the last file system on the disk grows only where the guest mounts it, and it does not"
            .formatted(name),
        "leave out --size, and grow it in the running machine");
  }

  private Optional<String> run() throws IOException {
    Optional<PartitionTable> table = PartitionTable.find(disk);
    Optional<Partition> last = Optional.empty();
    if (table.isPresent()) {
      last =
          Optional.of(
              table
                  .get()
                  .last()
                  .orElseThrow(() -> refused("its partition table is empty", "leave out --size")));
    }
    End end = end(last);
    Optional<LogicalVolume> logical = Optional.empty();
    if (end.group().isPresent()) {
      logical = Optional.of(growing(end.group().get(), end.where()));
    } else {
      requireGrowable(part(last), end.where());
    }
    if (table.isPresent()) {
      last = table.get().growToEnd(disk).find(last.orElseThrow().number());
    }
    return logical.isPresent()
        ? growLogical(last, logical.get().name())
        : grow(part(last), end.where());
  }

  private Disk part(Optional<Partition> partition) throws IOException {
    return partition.isPresent() ? partition.get().slice(disk) : disk;
  }

  private End end(Optional<Partition> last) throws IOException {
    String where = last.map(p -> "partition " + p.number()).orElse("the disk");
    try (Volumes volumes = Volumes.of(disk, VolumeKeys.none())) {
      Volume volume = place(volumes, last);
      if (!volume.container().equals(Optional.of("LVM2_member"))) {
        return new End(where, Optional.empty());
      }
      return new End(where, Optional.of(group(volumes, volume)));
    }
  }

  private static Volume place(Volumes volumes, Optional<Partition> last) {
    return volumes.all().stream()
        .filter(volume -> volume.parents().isEmpty())
        .filter(
            volume -> volume.partition().map(Partition::number).equals(last.map(Partition::number)))
        .findFirst()
        .orElseThrow();
  }

  private VolumeGroup group(Volumes volumes, Volume place) {
    return volumes.groups().stream()
        .filter(group -> physical(group, place).isPresent())
        .findFirst()
        .orElseThrow(() ->
            refused(
                place.name() + ": " + place.unreadable().orElse("it belongs to no volume group"),
                "leave out --size"));
  }

  private static Optional<PhysicalVolume> physical(VolumeGroup group, Volume place) {
    return group.physicalVolumes().stream()
        .filter(physical -> place.disk().filter(physical.disk()::equals).isPresent())
        .findFirst();
  }

  /// The volume that holds the root, or the last one with a file system that can grow.
  private LogicalVolume growing(VolumeGroup group, String where) throws IOException {
    Set<String> root = rootDevices();
    List<LogicalVolume> linear =
        group.logicalVolumes().stream()
            .filter(volume -> volume.kind().equals("linear") && volume.readOnly().isEmpty())
            .toList();
    for (LogicalVolume volume : linear) {
      if (root.contains(volume.describe())) {
        requireGrowable(group.open(volume), volume.describe());
        return volume;
      }
    }
    for (LogicalVolume volume : linear.reversed()) {
      if (growable(group.open(volume)).isPresent()) {
        return volume;
      }
    }
    throw refused(
        "%s belongs to the volume group %s, in which no linear volume holds a file system that Calco can grow"
            .formatted(where, group.name()),
        "leave out --size, and grow it in the running machine");
  }

  private Set<String> rootDevices() throws IOException {
    try (GuestDisk guest = GuestDisk.openReadOnly(disk.readOnly())) {
      return guest
          .tree()
          .map(tree -> tree.mounts().firstEntry().getValue().devices())
          .orElse(Set.of());
    }
  }

  private Optional<String> growLogical(Optional<Partition> last, String logicalName)
      throws IOException {
    try (Volumes volumes = Volumes.of(disk, VolumeKeys.none())) {
      Volume place = place(volumes, last);
      VolumeGroup group = group(volumes, place);
      GroupWriter.of(group)
          .grow(physical(group, place).orElseThrow(), group.find(logicalName).orElseThrow());
    }
    try (Volumes volumes = Volumes.of(disk, VolumeKeys.none())) {
      VolumeGroup group = group(volumes, place(volumes, last));
      LogicalVolume logical = group.find(logicalName).orElseThrow();
      return grow(group.open(logical), logical.describe());
    }
  }

  private Optional<String> grow(Disk part, String where) throws IOException {
    FileSystemType type = requireGrowable(part, where);
    if (type.growth() == FileSystemType.Growth.MOUNTED) {
      try (FileSystem fileSystem = type.openReadOnly(part)) {
        return fileSystem.facts().uuid();
      }
    }
    try (FileSystem fileSystem = type.openWritable(part)) {
      fileSystem.growToDisk();
      fileSystem.sync();
    }
    return Optional.empty();
  }

  private static Optional<FileSystemType> growable(Disk part) throws IOException {
    return FileSystems.probe(part).filter(type -> type.growth() != FileSystemType.Growth.NONE);
  }

  private FileSystemType requireGrowable(Disk part, String where) throws IOException {
    return growable(part)
        .orElseThrow(() ->
            refused(
                where + " holds no file system that Calco can grow",
                "leave out --size, and grow it in the running machine"));
  }

  private OperationException refused(String reason, String hint) {
    return new OperationException(OperationException.Kind.UNSUPPORTED, name + ": " + reason, hint);
  }
}
