package io.calco.volume.lvm;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A logical volume that the guest sees as a device. A value; its bytes come from
/// [VolumeGroup#open].
///
/// @param group its volume group's name
/// @param name its own
/// @param uuid its own
/// @param kind `linear`, `striped`, `raid1`, `thin`, `snapshot` …, as lvs names it, of its first
///   segment
/// @param size in bytes
/// @param readOnly why it cannot be written here, one sentence
public record LogicalVolume(
    String group, String name, LvmUuid uuid, String kind, long size, Optional<String> readOnly) {

  /// The names that Linux gives it: `/dev/vg0/root` and `/dev/mapper/vg0-root`.
  public List<String> deviceList() {
    return List.of(
        "/dev/%s/%s".formatted(group, name),
        "/dev/mapper/%s-%s".formatted(group.replace("-", "--"), name.replace("-", "--")));
  }

  /// The same without an order.
  public Set<String> devices() {
    return Set.copyOf(deviceList());
  }

  /// For a person: `/dev/vg0/root`.
  public String describe() {
    return deviceList().getFirst();
  }
}
