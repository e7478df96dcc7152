package io.calco.guest;

import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemFacts;
import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// A file system of a guest's disk with the names that the guest may know it by.
///
/// @param partitionNumber from 1, when it lies in a partition
/// @param partitionUuid as `PARTUUID=` writes it
/// @param partitionLabel the partition's own name, as `PARTLABEL=` writes it
/// @param devices other device paths that mean it: `/dev/mapper/vg0-root`
/// @param fileSystem its files; whoever opened it closes it
/// @param facts what its superblock says
public record GuestVolume(
    OptionalInt partitionNumber,
    Optional<String> partitionUuid,
    Optional<String> partitionLabel,
    Set<String> devices,
    FileSystem fileSystem,
    FileSystemFacts facts) {

  /// Copies the set.
  public GuestVolume {
    devices = Set.copyOf(devices);
  }

  /// The same place with other files of it: those of a subvolume.
  GuestVolume withFileSystem(FileSystem other) {
    return new GuestVolume(partitionNumber, partitionUuid, partitionLabel, devices, other, facts);
  }

  /// True when both are files of one place: of subvolumes of one file system, say.
  boolean sharesPlaceWith(GuestVolume other) {
    return partitionNumber.equals(other.partitionNumber)
        && partitionUuid.equals(other.partitionUuid)
        && devices.equals(other.devices);
  }

  /// For a person: `partition 3`, or one of its device paths.
  public String describe() {
    if (partitionNumber.isPresent()) {
      return "partition " + partitionNumber.getAsInt();
    }
    return devices.stream()
        .max(
            Comparator.comparing((String device) -> !device.startsWith("/dev/mapper/"))
                .thenComparing(Comparator.reverseOrder()))
        .map(PrintableText::of)
        .orElse("whole disk");
  }
}
