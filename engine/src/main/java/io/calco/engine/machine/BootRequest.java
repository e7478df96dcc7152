package io.calco.engine.machine;

import io.calco.machine.Accelerator;
import io.calco.machine.BootPlan.Network;
import io.calco.machine.Expectation;
import io.calco.machine.Firmware;
import io.calco.machine.MachineSettings.Bus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// How it is tried whether a disk boots.
///
/// @param expectation what shows that the machine is up; empty for a login
/// @param timeout how long that may take, 1 second to 1 day
/// @param machine what it is booted in
/// @param network what that machine reaches
/// @param picture the file that a picture of the screen is written to, replaced when it is there
public record BootRequest(
    Optional<Expectation> expectation,
    Duration timeout,
    Machine machine,
    Network network,
    Optional<Path> picture) {

  /// What a disk is booted in.
  ///
  /// @param accelerator what runs its instructions
  /// @param firmware empty for what the disk is known to start with
  /// @param bus empty for what its system is known to have a driver for
  /// @param memoryMiB 64 to 65536
  /// @param processors 1 to 64
  public record Machine(
      Accelerator accelerator,
      Optional<Firmware> firmware,
      Optional<Bus> bus,
      int memoryMiB,
      int processors) {
    /// 1 GiB, one processor, the rest by the disk.
    public static Machine defaults() {
      return new Machine(Accelerator.AUTO, Optional.empty(), Optional.empty(), 1024, 1);
    }
  }

  /// A login prompt within five minutes.
  public static BootRequest defaults() {
    return new BootRequest(
        Optional.empty(),
        Duration.ofMinutes(5),
        Machine.defaults(),
        Network.ISOLATED,
        Optional.empty());
  }

  /// The same, run by an accelerator.
  public BootRequest by(Accelerator accelerator) {
    return new BootRequest(
        expectation,
        timeout,
        new Machine(
            accelerator, machine.firmware, machine.bus, machine.memoryMiB, machine.processors),
        network,
        picture);
  }

  /// The same, with another time for it.
  public BootRequest within(Duration time) {
    return new BootRequest(expectation, time, machine, network, picture);
  }
}
