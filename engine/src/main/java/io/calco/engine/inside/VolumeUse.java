package io.calco.engine.inside;

import io.calco.disk.Image;
import io.calco.disk.ImageOptions.Access;
import io.calco.engine.GuestOptions;
import io.calco.guest.GuestDisk;
import io.calco.guest.GuestVolume;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How full a file system in a disk is.
///
/// @param name as [GuestPath] takes it: `p3`, `/dev/vg0/root`; `disk` when it is the whole
/// @param type the kernel's name
/// @param size bytes that it covers
/// @param free bytes in free blocks
/// @param mountPoint where the guest has it
public record VolumeUse(
    String name, String type, long size, long free, Optional<String> mountPoint) {

  /// Bytes in use.
  public long used() {
    return size - free;
  }

  /// All file systems of a disk that can be read, in its order.
  public static List<VolumeUse> of(Path disk, GuestOptions options) throws IOException {
    return ofOwning(Image.open(disk, options.image().with(Access.READ)), options);
  }

  /// Those of an image that is open.
  ///
  /// @param opened is closed, and also when this fails
  /// @param options for its volumes
  public static List<VolumeUse> ofOwning(Image opened, GuestOptions options) throws IOException {
    try (Image image = opened;
        GuestDisk guest = GuestDisk.openReadOnly(image.disk(), options.keys())) {
      List<VolumeUse> uses = new ArrayList<>();
      for (GuestVolume volume : guest.fileSystems()) {
        uses.add(
            new VolumeUse(
                name(volume),
                volume.facts().type(),
                volume.facts().size(),
                volume.facts().free(),
                mountPoint(guest, volume)));
      }
      return uses;
    }
  }

  static String name(GuestVolume volume) {
    Optional<String> device = volume.devices().stream().sorted().findFirst();
    return device.orElse(
        volume.partitionNumber().isPresent() ? "p" + volume.partitionNumber().getAsInt() : "disk");
  }

  private static Optional<String> mountPoint(GuestDisk guest, GuestVolume volume) {
    return guest
        .tree()
        .flatMap(tree ->
            tree.mounts().entrySet().stream()
                .filter(mount -> mount.getValue().equals(volume))
                .map(mount -> mount.getKey())
                .findFirst());
  }
}
