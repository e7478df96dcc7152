package io.calco.engine;

import io.calco.disk.Image;
import io.calco.disk.ImageOptions.Access;
import io.calco.guest.GuestDisk;
import io.calco.guest.inspect.GuestFacts;
import io.calco.guest.inspect.Inspector;
import java.io.IOException;
import java.nio.file.Path;

/// What is in a disk.
///
/// @param image what the file says of itself
/// @param guest what lives in it
public record Inspection(DiskImages.Report image, GuestFacts guest) {

  /// Looks into a disk; writes nothing, a journal that needs replay is replayed in memory.
  public static Inspection of(Path disk, GuestOptions options) throws IOException {
    try (Image image = options.open(disk, Access.READ);
        GuestDisk guest = options.openReadOnly(image)) {
      return new Inspection(
          DiskImages.report(image), Inspector.inspect(guest, image.disk().size()));
    }
  }
}
