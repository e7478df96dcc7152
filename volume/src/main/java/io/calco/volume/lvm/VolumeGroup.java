package io.calco.volume.lvm;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// A volume group: physical volumes, and the logical volumes on them.
///
/// What it is made of stays its opener's to close. Thread rule: safe for several threads at once.
public final class VolumeGroup {
  private final GroupText text;
  private final GroupMap map;
  private final SequencedMap<LvmUuid, PhysicalVolume> present;
  private final List<LogicalVolume> logical;
  private final LogicalDisks disks;

  private VolumeGroup(GroupText text, SequencedMap<LvmUuid, PhysicalVolume> present)
      throws CorruptImageException, LimitExceededException {
    this.text = text;
    this.map = GroupMap.read(text);
    this.present = present;
    this.disks = new LogicalDisks(map, present);
    this.logical = new VisibleVolumes(text.name(), map).list();
  }

  /// What became of some physical volumes.
  ///
  /// @param groups in the order of their first physical volume
  /// @param unreadable groups whose metadata cannot be used, by name
  public record Assembly(List<VolumeGroup> groups, Map<String, String> unreadable) {
    /// Copies both.
    public Assembly {
      groups = List.copyOf(groups);
      unreadable = Map.copyOf(unreadable);
    }
  }

  /// Puts physical volumes together: of each group the newest metadata counts. A physical volume
  /// that no group's metadata names belongs to none.
  public static Assembly assemble(List<PhysicalVolume> volumes) {
    SequencedMap<LvmUuid, GroupText> newest = new LinkedHashMap<>();
    for (PhysicalVolume volume : volumes) {
      volume
          .group()
          .ifPresent(
              found -> newest.merge(found.uuid(), found, (a, b) -> b.seqno() > a.seqno() ? b : a));
    }
    List<VolumeGroup> groups = new ArrayList<>();
    Map<String, String> unreadable = new LinkedHashMap<>();
    for (GroupText text : newest.values()) {
      try {
        groups.add(of(text, volumes));
      } catch (CorruptImageException | LimitExceededException e) {
        unreadable.put(text.name(), String.valueOf(e.getMessage()));
      }
    }
    return new Assembly(groups, unreadable);
  }

  /// The group that a text describes.
  ///
  /// @param volumes those it may be on; others are left out
  static VolumeGroup of(GroupText text, List<PhysicalVolume> volumes)
      throws CorruptImageException, LimitExceededException {
    return new VolumeGroup(text, members(text, volumes));
  }

  private static SequencedMap<LvmUuid, PhysicalVolume> members(
      GroupText text, List<PhysicalVolume> volumes)
      throws CorruptImageException, LimitExceededException {
    SequencedMap<LvmUuid, PhysicalVolume> members = new LinkedHashMap<>();
    List<LvmUuid> missing = new ArrayList<>();
    for (GroupMap.Device device : GroupMap.read(text).devices().values()) {
      missing.add(device.uuid());
      for (PhysicalVolume volume : volumes) {
        if (volume.uuid().equals(device.uuid())) {
          if (members.put(device.uuid(), volume) != null) {
            throw new CorruptImageException(
                "LVM2: two physical volumes bear the UUID %s".formatted(device.uuid()));
          }
          missing.remove(device.uuid());
        }
      }
    }
    if (missing.size() == 1) {
      relabelled(text, volumes, members).ifPresent(found -> members.put(missing.getFirst(), found));
    }
    return members;
  }

  /// The one physical volume that holds this very text though the text does not name it: a change
  /// of its UUID was cut off before the label was written.
  private static Optional<PhysicalVolume> relabelled(
      GroupText text, List<PhysicalVolume> volumes, Map<LvmUuid, PhysicalVolume> members) {
    List<PhysicalVolume> unnamed =
        volumes.stream()
            .filter(volume -> !members.containsValue(volume))
            .filter(volume ->
                volume
                    .group()
                    .filter(own -> own.uuid().equals(text.uuid()) && own.seqno() == text.seqno())
                    .isPresent())
            .toList();
    return unnamed.size() == 1 ? Optional.of(unnamed.getFirst()) : Optional.empty();
  }

  /// Its name.
  public String name() {
    return text.name();
  }

  /// Its UUID.
  public LvmUuid uuid() {
    return text.uuid();
  }

  /// The version of its metadata, one higher with every change.
  public long seqno() {
    return text.seqno();
  }

  /// The size of an extent, in bytes.
  public long extentSize() {
    return map.extentBytes();
  }

  /// The physical volumes that are here, in the group's order.
  public List<PhysicalVolume> physicalVolumes() {
    return List.copyOf(present.values());
  }

  /// UUIDs of the physical volumes that are not here.
  public List<LvmUuid> missing() {
    return map.devices().values().stream()
        .map(GroupMap.Device::uuid)
        .filter(uuid -> !present.containsKey(uuid))
        .toList();
  }

  /// The logical volumes that the guest sees as devices, in the group's order; pools and the parts
  /// of other volumes are not among them.
  public List<LogicalVolume> logicalVolumes() {
    return logical;
  }

  /// The logical volume of that name.
  public Optional<LogicalVolume> find(String name) {
    return logical.stream().filter(volume -> volume.name().equals(name)).findFirst();
  }

  /// A logical volume's bytes. The disk is writable when [LogicalVolume#readOnly] says nothing and
  /// the physical volumes are.
  ///
  /// @throws io.calco.disk.UnsupportedFeatureException when it lies on a physical volume that is
  ///   not here, or is of a kind that is not read here
  public Disk open(LogicalVolume volume) throws IOException {
    Disk disk = disks.visible(volume.name());
    return volume.readOnly().isPresent() ? disk.readOnly() : disk;
  }

  /// The bytes of a volume that the guest need not see.
  Disk open(GroupMap.Volume volume) throws IOException {
    return disks.visible(volume.name());
  }

  GroupText text() {
    return text;
  }

  GroupMap map() {
    return map;
  }

  Optional<PhysicalVolume> present(LvmUuid uuid) {
    return Optional.ofNullable(present.get(uuid));
  }
}
