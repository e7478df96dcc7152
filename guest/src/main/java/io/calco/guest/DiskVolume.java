package io.calco.guest;

import io.calco.fs.FileSystemFacts;
import io.calco.volume.Partition;
import io.calco.volume.Volume;
import java.util.Optional;

/// A place on a guest's disk that may hold files: a partition, a logical volume, the inside of an
/// encrypted volume, or the whole disk.
///
/// @param place where it is, and the names that the guest may know it by
/// @param content what it holds, as `blkid` names it: `ext4`, `vfat`, `swap`, `LVM2_member` …
/// @param facts what its superblock says, when it can be opened
/// @param unreadable why it cannot be opened, though it holds something
public record DiskVolume(
    Volume place,
    Optional<String> content,
    Optional<FileSystemFacts> facts,
    Optional<String> unreadable) {

  /// Empty when it is no partition.
  public Optional<Partition> partition() {
    return place.partition();
  }

  /// The first of its devices' names; empty for partitions and the whole disk.
  public Optional<String> device() {
    return place.logical().isPresent()
        ? place.logical().map(logical -> logical.deviceList().getFirst())
        : place.devices().stream().sorted().findFirst();
  }

  /// For a person: `partition 3`, `/dev/vg0/root` or `whole disk`.
  public String describe() {
    return PrintableText.of(place.name());
  }
}
