package io.calco.engine.backup;

import io.calco.machine.Accelerator;
import io.calco.machine.Expectation;
import io.calco.machine.Firmware;
import io.calco.machine.MachineSettings.Bus;
import io.calco.volume.VolumeKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// How a restore point is tested.
///
/// @param boot whether it is booted
/// @param expectation what shows that the machine is up; empty for a login
/// @param timeout how long that may take, 1 second to 1 day
/// @param machine what it is booted in
/// @param checkers whose checks of file systems are asked for
/// @param keys asked for each encrypted volume
/// @param screenshot the file that a picture of the screen is written to, replaced when it is there
public record RestoreTestRequest(
    Boot boot,
    Optional<Expectation> expectation,
    Duration timeout,
    Machine machine,
    Checkers checkers,
    VolumeKeys keys,
    Optional<Path> screenshot) {

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

  /// What it is booted in.
  ///
  /// @param accelerator what runs its instructions
  /// @param firmware empty for what the point's record says
  /// @param bus empty for what its system is known to have a driver for
  /// @param memoryMiB 64 to 65536
  /// @param processors 1 to 64
  public record Machine(
      Accelerator accelerator,
      Optional<Firmware> firmware,
      Optional<Bus> bus,
      int memoryMiB,
      int processors) {
    /// 1 GiB, one processor, the rest by the point.
    public static Machine defaults() {
      return new Machine(Accelerator.AUTO, Optional.empty(), Optional.empty(), 1024, 1);
    }
  }

  /// Our own checks, and a boot to a login prompt within five minutes where one is possible.
  public static RestoreTestRequest defaults() {
    return new RestoreTestRequest(
        Boot.IF_POSSIBLE,
        Optional.empty(),
        Duration.ofMinutes(5),
        Machine.defaults(),
        Checkers.OWN,
        VolumeKeys.none(),
        Optional.empty());
  }
}
