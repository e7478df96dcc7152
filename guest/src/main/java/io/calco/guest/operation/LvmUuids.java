package io.calco.guest.operation;

import io.calco.disk.DiskException;
import io.calco.guest.Draft;
import io.calco.guest.GuestTree;
import io.calco.guest.GuestVolume;
import io.calco.guest.PrintableText;
import io.calco.guest.boot.BootImages;
import io.calco.guest.boot.UuidMentions;
import io.calco.volume.lvm.GroupWriter;
import io.calco.volume.lvm.LvmUuid;
import io.calco.volume.lvm.PhysicalVolume;
import io.calco.volume.lvm.VolumeGroup;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Gives LVM2's physical volumes and volume groups new UUIDs, so that the disks of two clones can
/// be attached to one machine.
///
/// Hardly anything names them: fstab and the kernel's command line use the group's name. What does
/// is mended where it is text (GRUB's hints, LVM2's list of devices). Where GRUB's own image finds
/// its files by the group's UUID, or an initial RAM file system names it, the group keeps it.
final class LvmUuids extends Operation {
  private static final String DEVICES = "/etc/lvm/devices/system.devices";

  LvmUuids() {
    super("lvm-uuids", Default.ON, "Change the UUIDs of LVM's physical volumes and volume groups");
  }

  @Override
  public boolean applies(GuestTree tree) {
    return !tree.volumeGroups().isEmpty();
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    SecureRandom random = new SecureRandom();
    Map<String, String> groups = new TreeMap<>();
    Map<String, String> physical = new TreeMap<>();
    for (VolumeGroup group : draft.tree().volumeGroups()) {
      Optional<String> obstacle = obstacle(group);
      if (obstacle.isPresent()) {
        draft.note(
            "%s keeps its UUIDs: %s".formatted(group.name(), PrintableText.of(obstacle.get())));
        continue;
      }
      Optional<LvmUuid> uuid =
          mayChange(draft, group) ? Optional.of(LvmUuid.random(random)) : Optional.empty();
      uuid.ifPresent(found -> groups.put(group.uuid().text(), found.text()));
      List<LvmUuid> renewed = new ArrayList<>();
      for (PhysicalVolume volume : group.physicalVolumes()) {
        LvmUuid other = LvmUuid.random(random);
        physical.put(bare(volume.uuid()), bare(other));
        renewed.add(other);
      }
      draft.setGroupUuids(group, uuid, renewed);
    }
    mend(draft, groups, physical);
  }

  private static Optional<String> obstacle(VolumeGroup group) throws IOException {
    try {
      GroupWriter.of(group);
      return Optional.empty();
    } catch (DiskException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static void mend(Draft draft, Map<String, String> groups, Map<String, String> physical)
      throws IOException {
    List<String> mended = new ArrayList<>(UuidMentions.mend(draft, groups));
    Optional<String> before = draft.text(DEVICES);
    if (before.isPresent()) {
      draft.edit(
          DEVICES,
          text -> {
            String result = text;
            for (Map.Entry<String, String> uuid : physical.entrySet()) {
              result = result.replace(uuid.getKey(), uuid.getValue());
            }
            return result;
          });
      if (!draft.text(DEVICES).equals(before)) {
        mended.add(DEVICES);
      }
    }
    if (!mended.isEmpty()) {
      draft.note("names the new UUIDs: " + PrintableText.of(String.join(", ", mended)));
    }
  }

  private static String bare(LvmUuid uuid) {
    return uuid.text().replace("-", "");
  }

  private static boolean mayChange(Draft draft, VolumeGroup group) throws IOException {
    Optional<String> image = grubImage(draft.tree(), group);
    if (image.isPresent()) {
      draft.note(
          "the volume group %s keeps its UUID, by which GRUB's %s finds its files"
              .formatted(group.name(), PrintableText.of(image.get())));
      return false;
    }
    List<String> uuid = List.of(group.uuid().text());
    for (String named : BootImages.mentions(draft.tree(), uuid).texts().keySet()) {
      draft.note(
          "the volume group %s keeps its UUID: %s names it; rebuild that in the running guest"
              .formatted(group.name(), PrintableText.of(named)));
      return false;
    }
    return true;
  }

  /// GRUB's image for BIOS machines, when it looks for its files by the group's UUID: grub-install
  /// does that when they lie on a logical volume, unless it left a file that searches for them.
  private static Optional<String> grubImage(GuestTree tree, VolumeGroup group) throws IOException {
    for (String directory : List.of("/boot/grub/i386-pc", "/boot/grub2/i386-pc")) {
      String image = directory + "/core.img";
      Optional<String> real = tree.realPath(image);
      boolean searches =
          tree.readText(directory + "/load.cfg").orElse("").contains("search.fs_uuid");
      if (real.isPresent() && !searches && isIn(tree.volumeOf(real.get()), group)) {
        return Optional.of(image);
      }
    }
    return Optional.empty();
  }

  private static boolean isIn(GuestVolume volume, VolumeGroup group) {
    return group.logicalVolumes().stream()
        .anyMatch(logical -> volume.devices().contains(logical.describe()));
  }
}
