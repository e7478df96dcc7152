package io.calco.guest.operation;

import io.calco.guest.Draft;
import java.util.Optional;

/// Would change the UUIDs of file systems.
final class FsUuids extends Operation {
  FsUuids() {
    super("fs-uuids", Default.OFF, "Change the UUIDs of the file systems (refused for now)");
  }

  @Override
  public Optional<String> obstacle() {
    return Optional.of(
        "file systems keep their UUIDs: fstab, the boot loader and the initramfs name them, and"
            + " Calco cannot yet change them all together");
  }

  @Override
  public void plan(Draft draft, Settings settings) {}
}
