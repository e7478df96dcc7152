package io.calco.backup.windows;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/// One backup of a computer.
///
/// @param directory where it is
/// @param computer whose it is, as its folder is called
/// @param created when it began
/// @param volumes in the order of `BackupSpecs.xml`, then by name
public record WindowsBackup(
    Path directory, String computer, Instant created, List<WindowsVolume> volumes) {

  /// Copies the list.
  public WindowsBackup {
    volumes = List.copyOf(volumes);
  }
}
