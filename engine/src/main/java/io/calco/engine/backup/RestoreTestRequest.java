package io.calco.engine.backup;

import io.calco.engine.machine.BootRequest;
import io.calco.volume.VolumeKeys;

/// How a restore point is tested.
///
/// @param boot whether it is booted
/// @param booting how
/// @param checkers whose checks of file systems are asked for
/// @param keys asked for each encrypted volume
public record RestoreTestRequest(
    Boot boot, BootRequest booting, Checkers checkers, VolumeKeys keys) {

  /// Whether a point is booted.
  public enum Boot {
    /// Where a system is known in it that this host can run.
    IF_POSSIBLE,
    /// Yes; where it cannot be, the test is refused.
    REQUIRED,
    /// No.
    LEFT_OUT
  }

  /// Who checks file systems.
  public enum Checkers {
    /// Calco's own reading of all directories and allocation maps.
    OWN,
    /// Also the programs that this host has for them, such as e2fsck.
    ALSO_THE_HOSTS
  }

  /// Our own checks, and a boot to a login prompt within five minutes where one is possible.
  public static RestoreTestRequest defaults() {
    return new RestoreTestRequest(
        Boot.IF_POSSIBLE, BootRequest.defaults(), Checkers.OWN, VolumeKeys.none());
  }
}
