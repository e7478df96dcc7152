package io.calco.volume;

import io.calco.disk.Disk;
import io.calco.volume.lvm.LogicalVolume;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A run of bytes in a guest's disk that is one thing to the guest: a partition, a logical volume,
/// what is inside an encrypted volume, or the whole disk. A value but for its disk.
///
/// @param name for a person: `partition 3`, `/dev/vg0/root`, `LUKS in partition 3`
/// @param partition what the table says of it, when it is one
/// @param logical what its volume group says of it, when it is a logical volume
/// @param devices names that the guest may know it by: `/dev/vg0/root`, `/dev/mapper/vg0-root`;
///   those of partitions depend on the machine and are not among them
/// @param container what it is to other volumes, as blkid names it: `LVM2_member`, `crypto_LUKS`,
///   `linux_raid_member`; empty for a leaf
/// @param uuid the container's own, as blkid prints it
/// @param disk its bytes, writable where the disk below is and nothing forbids it; empty when they
///   cannot be had
/// @param parents what it lies on; none for partitions and the whole disk
/// @param unreadable why it, or what is in it, cannot be opened
/// @param readOnly why it cannot be written here
public record Volume(
    String name,
    Optional<Partition> partition,
    Optional<LogicalVolume> logical,
    Set<String> devices,
    Optional<String> container,
    Optional<String> uuid,
    Optional<Disk> disk,
    List<Volume> parents,
    Optional<String> unreadable,
    Optional<String> readOnly) {

  /// Copies the collections.
  public Volume {
    devices = Set.copyOf(devices);
    parents = List.copyOf(parents);
  }

  /// A leaf.
  static Volume of(String name, Optional<Disk> disk, List<Volume> parents) {
    return new Volume(
        name,
        Optional.empty(),
        Optional.empty(),
        Set.of(),
        Optional.empty(),
        Optional.empty(),
        disk,
        parents,
        Optional.empty(),
        Optional.empty());
  }

  /// True when files may be in it itself.
  public boolean leaf() {
    return container.isEmpty();
  }

  /// True when a user may mean it by this name: `p3` for a partition, one of its device names, or
  /// its UUID.
  public boolean isNamed(String given) {
    return devices.contains(given)
        || uuid.filter(given::equalsIgnoreCase).isPresent()
        || partition.filter(part -> given.equals("p" + part.number())).isPresent();
  }

  Volume with(Partition part) {
    return new Volume(
        name,
        Optional.of(part),
        logical,
        devices,
        container,
        uuid,
        disk,
        parents,
        unreadable,
        readOnly);
  }

  Volume with(LogicalVolume volume) {
    return new Volume(
        name,
        partition,
        Optional.of(volume),
        volume.devices(),
        container,
        uuid,
        disk,
        parents,
        unreadable,
        volume.readOnly());
  }

  Volume withDevices(Set<String> names) {
    return new Volume(
        name, partition, logical, names, container, uuid, disk, parents, unreadable, readOnly);
  }

  Volume withReadOnly(Optional<String> reason) {
    return new Volume(
        name, partition, logical, devices, container, uuid, disk, parents, unreadable, reason);
  }

  Volume holding(String kind, Optional<String> itsUuid) {
    return new Volume(
        name,
        partition,
        logical,
        devices,
        Optional.of(kind),
        itsUuid,
        disk,
        parents,
        unreadable,
        readOnly);
  }

  Volume without(String reason) {
    return new Volume(
        name,
        partition,
        logical,
        devices,
        container,
        uuid,
        disk,
        parents,
        Optional.of(reason),
        readOnly);
  }
}
