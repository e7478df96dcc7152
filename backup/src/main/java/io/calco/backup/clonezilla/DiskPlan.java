package io.calco.backup.clonezilla;

import io.calco.backup.clonezilla.SavedPartition.Content;
import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.volume.Partition;
import io.calco.volume.PartitionTable;
import io.calco.volume.Volume;
import io.calco.volume.Volumes;
import io.calco.volume.lvm.GroupBackup;
import io.calco.volume.lvm.LogicalVolume;
import io.calco.volume.lvm.VolumeGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/// What of a disk will be saved, and how. A value of the moment when it was made.
///
/// @param name the disk's
/// @param table its partitions; empty for a disk without a table
/// @param parts partitions, or the whole disk where there is no table, in order; an extended one is
///   not among them
/// @param groups volume groups that are saved by their logical volumes
/// @param logical those volumes
/// @param remarks what is saved otherwise than might be expected, a sentence each
record DiskPlan(
    DeviceName name,
    Optional<PartitionTable> table,
    SequencedMap<DeviceName, PlannedContent> parts,
    List<GroupBackup> groups,
    SequencedMap<DeviceName, PlannedContent> logical,
    List<String> remarks) {

  /// Plans a disk.
  ///
  /// @param volumes what is in it
  /// @throws CorruptImageException when its table cannot be trusted with a restore
  static DiskPlan of(DeviceName name, Disk disk, Volumes volumes) throws IOException {
    return new Maker(name, disk, volumes).make();
  }

  /// The same, for those who decide whether to do it.
  ClonezillaPlan told() {
    List<ClonezillaPlan.Item> items = new ArrayList<>();
    parts.forEach((device, content) -> items.add(item(device, content)));
    logical.forEach((device, content) -> items.add(item(device, content)));
    return new ClonezillaPlan(items, remarks);
  }

  private static ClonezillaPlan.Item item(DeviceName device, PlannedContent content) {
    return switch (content) {
      case PlannedContent.UsedBlocks blocks ->
          new ClonezillaPlan.Item(
              device.text(),
              Content.USED_BLOCKS,
              blocks.fileSystem(),
              blocks.used().count() * blocks.used().unitLength());
      case PlannedContent.AllBytes bytes ->
          new ClonezillaPlan.Item(
              device.text(), Content.ALL_BYTES, bytes.fileSystem(), bytes.disk().size());
      case PlannedContent.Swap swap ->
          new ClonezillaPlan.Item(device.text(), Content.SWAP, "swap", 0);
      case PlannedContent.PhysicalVolume physical ->
          new ClonezillaPlan.Item(device.text(), Content.PHYSICAL_VOLUME, physical.group(), 0);
    };
  }

  private static final class Maker {
    private final DeviceName name;
    private final Disk disk;
    private final Volumes volumes;
    private final List<GroupBackup> groups = new ArrayList<>();
    private final Set<String> physical = new HashSet<>();
    private final SequencedMap<DeviceName, PlannedContent> parts = new LinkedHashMap<>();
    private final SequencedMap<DeviceName, PlannedContent> logical = new LinkedHashMap<>();
    private final List<String> remarks = new ArrayList<>();

    Maker(DeviceName name, Disk disk, Volumes volumes) {
      this.name = name;
      this.disk = disk;
      this.volumes = volumes;
    }

    DiskPlan make() throws IOException {
      for (VolumeGroup group : volumes.groups()) {
        planGroup(group);
      }
      if (volumes.table().isEmpty()) {
        plan(name, disk, Optional.empty());
      } else {
        for (Partition partition : volumes.table().get().partitions()) {
          if (!partition.extended()) {
            plan(name.partition(partition.number()), partition.slice(disk), Optional.of(partition));
          }
        }
      }
      return new DiskPlan(name, volumes.table(), parts, groups, logical, remarks);
    }

    /// Groups on partitions of this disk alone are saved by their volumes.
    private void planGroup(VolumeGroup group) throws IOException {
      GroupBackup backup = GroupBackup.of(group);
      Optional<String> obstacle =
          group.missing().isEmpty()
              ? backup.obstacle()
              : Optional.of("a physical volume of the group " + group.name() + " is not here");
      boolean direct =
          volumes.all().stream()
              .filter(volume -> volume.container().filter("LVM2_member"::equals).isPresent())
              .allMatch(volume -> volume.parents().isEmpty());
      if (obstacle.isEmpty() && !direct) {
        obstacle = Optional.of("the group " + group.name() + " lies inside another volume");
      }
      SequencedMap<DeviceName, PlannedContent> planned = new LinkedHashMap<>();
      if (obstacle.isEmpty()) {
        try {
          for (LogicalVolume volume : backup.logicalVolumes()) {
            DeviceName device = DeviceName.of(volume.group() + "/" + volume.name(), "LVM2");
            planned.put(device, planned(device, group.open(volume)));
          }
        } catch (DiskException e) {
          obstacle = Optional.of(String.valueOf(e.getMessage()));
        }
      }
      if (obstacle.isPresent()) {
        remarks.add(
            "the group %s is saved as all bytes of its partitions: %s"
                .formatted(group.name(), obstacle.get()));
        return;
      }
      groups.add(backup);
      backup.physicalVolumes().forEach(one -> physical.add(one.uuid().text()));
      logical.putAll(planned);
    }

    private PlannedContent planned(DeviceName device, Disk bytes) throws IOException {
      PlannedContent content = Planner.plan(bytes);
      if (content instanceof PlannedContent.AllBytes(var kind, var same, var why)) {
        remarks.add("%s is saved with all its bytes: %s".formatted(device, why));
      }
      return content;
    }

    private void plan(DeviceName device, Disk bytes, Optional<Partition> partition)
        throws IOException {
      Optional<Volume> volume =
          volumes.all().stream()
              .filter(found -> found.parents().isEmpty() && found.partition().equals(partition))
              .findFirst();
      Optional<String> container = volume.flatMap(Volume::container);
      Optional<String> uuid = volume.flatMap(Volume::uuid);
      if (container.filter("LVM2_member"::equals).isPresent()
          && uuid.filter(physical::contains).isPresent()) {
        parts.put(device, new PlannedContent.PhysicalVolume(groupOf(uuid.get()), uuid.get()));
      } else if (container.isPresent()) {
        remarks.add(
            "%s is saved with all its bytes: it holds %s".formatted(device, container.get()));
        parts.put(device, new PlannedContent.AllBytes(container.get(), bytes, "it is a container"));
      } else {
        parts.put(device, planned(device, bytes));
      }
    }

    private String groupOf(String uuid) throws UnsupportedFeatureException {
      for (GroupBackup group : groups) {
        if (group.find(uuid).isPresent()) {
          return group.name();
        }
      }
      throw new UnsupportedFeatureException("LVM2: no group has the physical volume " + uuid);
    }
  }
}
