package io.calco.engine.backup;

import io.calco.disk.DiskInUseException;
import io.calco.disk.ImageLock;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A disk of this host that nobody uses.
///
/// @param path its device
/// @param size in bytes
/// @param model as its maker calls it
/// @param serial its serial number
public record UnusedDisk(Path path, long size, Optional<String> model, Optional<String> serial) {
  private static final Logger LOG = System.getLogger(UnusedDisk.class.getName());

  /// All of them, by name: not mounted, not part of anything, open for writing by nobody.
  public static List<UnusedDisk> unused() throws IOException {
    List<UnusedDisk> unused = new ArrayList<>();
    for (HostDevice device : HostDevice.disks()) {
      try {
        ImageLock.requireUnused(device.path());
        unused.add(new UnusedDisk(device.path(), device.size(), device.model(), device.serial()));
      } catch (DiskInUseException used) {
        // and so no target
      } catch (IOException unreadable) {
        LOG.log(
            Level.DEBUG,
            () -> "%s is no target: %s".formatted(device.path(), unreadable.getMessage()));
      }
    }
    return unused;
  }
}
