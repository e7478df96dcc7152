package io.calco.guest.operation;

import io.calco.guest.Draft;
import io.calco.guest.GuestTree;
import java.util.Optional;

/// Would change the UUIDs of LVM's physical volumes and volume groups.
final class LvmUuids extends Operation {
  LvmUuids() {
    super("lvm-uuids", Default.ON, "Change the UUIDs of LVM (refused for now where there is LVM)");
  }

  @Override
  public boolean applies(GuestTree tree) {
    return tree.mounts().values().stream().anyMatch(volume -> !volume.devices().isEmpty())
        || tree.unmounted().stream().anyMatch(line -> line.device().startsWith("/dev/mapper/"));
  }

  @Override
  public Optional<String> obstacle() {
    return Optional.of(
        "physical volumes and volume groups keep their UUIDs: do not attach disks of two clones to"
            + " one machine");
  }

  @Override
  public void plan(Draft draft, Settings settings) {}
}
