package io.calco.backup.clonezilla;

import io.calco.disk.Disk;
import io.calco.volume.Partition;
import java.util.Map;
import java.util.Optional;

/// Lists of what a plan saves, for people and for Clonezilla's programs.
///
/// @param plan what is saved
/// @param disk of which
record SavedLists(DiskPlan plan, Disk disk) {

  /// `dev-fs.list`: what each device held. Clonezilla makes those swap areas again that it names.
  String fileSystems() {
    StringBuilder text =
        new StringBuilder(
            "# <Device name>   <File system>   <Size>\n# File system is got from Calco.\n");
    for (Map.Entry<DeviceName, PlannedContent> part : plan.parts().entrySet()) {
      if (!(part.getValue() instanceof PlannedContent.PhysicalVolume)) {
        text.append(line(part.getKey(), part.getValue(), size(part.getKey())));
      }
    }
    for (Map.Entry<DeviceName, PlannedContent> volume : plan.logical().entrySet()) {
      text.append(line(volume.getKey(), volume.getValue(), size(volume.getKey())));
    }
    return text.toString();
  }

  private static String line(DeviceName device, PlannedContent content, long size) {
    return "%s %s %s\n".formatted(device.path(), content.fileSystem(), Sizes.binary(size));
  }

  /// The size of a device, in bytes.
  private long size(DeviceName device) {
    return partition(device)
        .map(Partition::length)
        .or(() ->
            plan.groups().stream()
                .flatMap(group -> group.logicalVolumes().stream())
                .filter(volume -> device.text().equals(volume.group() + "/" + volume.name()))
                .map(volume -> volume.size())
                .findFirst())
        .orElse(disk.size());
  }

  private Optional<Partition> partition(DeviceName device) {
    return plan.table().stream()
        .flatMap(table -> table.partitions().stream())
        .filter(found -> plan.name().partition(found.number()).equals(device))
        .findFirst();
  }

  /// The devices, the disk first.
  BlockDevices devices() {
    BlockDevices devices = new BlockDevices();
    if (plan.table().isPresent()) {
      devices.add(
          new BlockDevices.Device(
              plan.name(),
              "disk",
              disk.size(),
              "",
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              ""));
    }
    for (Map.Entry<DeviceName, PlannedContent> part : plan.parts().entrySet()) {
      String type = plan.table().isPresent() ? "part" : "disk";
      devices.add(device(part.getKey(), part.getValue(), type));
    }
    for (Map.Entry<DeviceName, PlannedContent> volume : plan.logical().entrySet()) {
      devices.add(device(volume.getKey(), volume.getValue(), "lvm"));
    }
    return devices;
  }

  private BlockDevices.Device device(DeviceName name, PlannedContent content, String type) {
    Optional<Partition> partition = partition(name);
    Optional<String> uuid = Optional.empty();
    Optional<String> label = Optional.empty();
    switch (content) {
      case PlannedContent.UsedBlocks blocks -> {
        uuid = blocks.facts().uuid();
        label = blocks.facts().label();
      }
      case PlannedContent.Swap swap -> {
        uuid = swap.uuid();
        label = swap.label();
      }
      case PlannedContent.PhysicalVolume physical -> uuid = Optional.of(physical.uuid());
      case PlannedContent.AllBytes bytes -> {}
    }
    return new BlockDevices.Device(
        name,
        type,
        size(name),
        content.fileSystem(),
        uuid,
        label,
        partition.flatMap(Partition::uuid),
        partition.map(Partition::name).orElse(""));
  }
}
