package io.calco.engine.machine;

import io.calco.machine.Accelerator;
import io.calco.machine.Firmware;
import io.calco.machine.MachineSettings.Bus;
import io.calco.machine.libvirt.MachineNetwork;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What a machine is to be made of, as far as anybody said.
///
/// @param like the machine that it is a twin of; it is made afresh if empty
/// @param memory in bytes; the original's, else 1 GiB, unless stated
/// @param processors the original's, else one, unless stated
/// @param network the original's, else libvirt's `default`, unless stated
/// @param accelerator what runs a machine that is made afresh
/// @param firmware what such a one starts with; what the disk can start with unless stated
/// @param bus what its disk is attached to; virtio, SATA for Windows, unless stated
public record MachineRequest(
    Optional<String> like,
    OptionalLong memory,
    OptionalInt processors,
    Optional<MachineNetwork> network,
    Accelerator accelerator,
    Optional<Firmware> firmware,
    Optional<Bus> bus) {
  private static final long MEMORY_MIN = 1L << 20;

  /// Checks the ranges.
  public MachineRequest {
    if (memory.isPresent() && memory.getAsLong() < MEMORY_MIN) {
      throw new IllegalArgumentException("a machine has 1 MiB of memory at least");
    }
    if (processors.isPresent() && processors.getAsInt() < 1) {
      throw new IllegalArgumentException("a machine has one processor at least");
    }
  }

  /// All as another machine has it.
  public static MachineRequest twinOf(String machine) {
    return new MachineRequest(
        Optional.of(machine),
        OptionalLong.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        Accelerator.AUTO,
        Optional.empty(),
        Optional.empty());
  }

  /// The same as a twin of another machine.
  MachineRequest with(Optional<String> original) {
    return new MachineRequest(original, memory, processors, network, accelerator, firmware, bus);
  }
}
