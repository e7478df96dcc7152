package io.calco.backup.clonezilla;

import io.calco.disk.CorruptImageException;
import io.calco.disk.OpenPolicy;
import io.calco.volume.lvm.GroupBackup;
import io.calco.volume.lvm.LogicalVolume;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// The volume groups of an image: `lvm_vg_dev.list` names their physical volumes, `lvm_GROUP.conf`
/// is what vgcfgbackup wrote. A value.
final class SavedVolumes {
  private static final String LIST = "lvm_vg_dev.list";
  private static final String NO_GROUP = "/NOT_FOUND";
  private static final int TEXT_MAX = 16 << 20; // ours
  private static final int VOLUMES_MAX = 4096; // ours

  private final SequencedMap<DeviceName, Member> members = new LinkedHashMap<>();
  private final Map<String, GroupBackup> groups = new LinkedHashMap<>();

  /// A physical volume.
  ///
  /// @param group its group
  /// @param physical what the group knows of it
  record Member(GroupBackup group, GroupBackup.Physical physical) {}

  /// A logical volume and the group it is of.
  record Logical(GroupBackup group, LogicalVolume volume) {
    /// The name that its files bear.
    DeviceName device() throws CorruptImageException {
      return DeviceName.of(volume.group() + "/" + volume.name(), LIST);
    }
  }

  /// Reads them; none in an image without LVM.
  static SavedVolumes read(ImageDirectory directory) throws IOException {
    SavedVolumes volumes = new SavedVolumes();
    for (String line : directory.lines(LIST).orElse(List.of())) {
      if (!line.isBlank()) {
        volumes.add(directory, line);
      }
      if (volumes.members.size() > VOLUMES_MAX) {
        throw new CorruptImageException(
            "%s: more than %d physical volumes (our limit)"
                .formatted(directory.nameOf(LIST), VOLUMES_MAX));
      }
    }
    return volumes;
  }

  private void add(ImageDirectory directory, String line) throws IOException {
    String[] words = line.trim().split("\\s+");
    if (words.length != 3) {
      throw new CorruptImageException(
          "%s: found \"%s\", expected a group, a device and a UUID"
              .formatted(directory.nameOf(LIST), OpenPolicy.printable(line)));
    }
    if (words[0].equals(NO_GROUP)) {
      return;
    }
    DeviceName device = DeviceName.of(words[1], directory.nameOf(LIST));
    GroupBackup group = group(directory, words[0]);
    Optional<GroupBackup.Physical> physical = group.find(words[2]);
    if (physical.isEmpty()) {
      throw new CorruptImageException(
          "%s: found no physical volume %s, which %s names for %s"
              .formatted(
                  directory.nameOf("lvm_" + words[0] + ".conf"),
                  OpenPolicy.printable(words[2]),
                  LIST,
                  device));
    }
    members.put(device, new Member(group, physical.get()));
  }

  private GroupBackup group(ImageDirectory directory, String name) throws IOException {
    GroupBackup known = groups.get(name);
    if (known != null) {
      return known;
    }
    String file = "lvm_" + name + ".conf";
    GroupBackup group;
    try {
      group = GroupBackup.parse(directory.bytes(file, TEXT_MAX));
    } catch (CorruptImageException e) {
      throw new CorruptImageException(directory.nameOf(file) + ": " + e.getMessage());
    }
    if (!group.name().equals(name)) {
      throw new CorruptImageException(
          "%s: found the group %s, expected %s"
              .formatted(directory.nameOf(file), group.name(), OpenPolicy.printable(name)));
    }
    groups.put(name, group);
    return group;
  }

  /// The physical volume on a device.
  Optional<Member> find(DeviceName device) {
    return Optional.ofNullable(members.get(device));
  }

  /// The logical volumes of all groups.
  List<Logical> logical() {
    List<Logical> all = new ArrayList<>();
    for (GroupBackup group : groups.values()) {
      group.logicalVolumes().forEach(volume -> all.add(new Logical(group, volume)));
    }
    return all;
  }
}
