package io.calco.machine;

import java.util.Optional;
import java.util.OptionalInt;

/// What a machine is made of.
///
/// @param accelerator what runs it
/// @param firmware what it starts with
/// @param bus what its disk is attached to
/// @param memoryMiB its memory, 64 to 65536 MiB
/// @param processors how many, 1 to 64
public record MachineSettings(
    Accelerator accelerator, Firmware firmware, Bus bus, int memoryMiB, int processors) {
  private static final int MEMORY_MIN = 64;
  private static final int MEMORY_MAX = 65536;
  private static final int PROCESSORS_MAX = 64;

  /// What disks are attached to.
  public enum Bus {
    /// A paravirtual disk: Linux has the driver.
    VIRTIO,
    /// A disk as real machines have it: every system has the driver.
    SATA;

    /// The one of this name: `virtio`, `sata`.
    public static Optional<Bus> named(String name) {
      return switch (name) {
        case "virtio" -> Optional.of(VIRTIO);
        case "sata" -> Optional.of(SATA);
        default -> Optional.empty();
      };
    }
  }

  /// Checks the ranges.
  public MachineSettings {
    if (memoryMiB < MEMORY_MIN || memoryMiB > MEMORY_MAX) {
      throw new IllegalArgumentException(
          "a machine has %d to %d MiB of memory".formatted(MEMORY_MIN, MEMORY_MAX));
    }
    if (processors < 1 || processors > PROCESSORS_MAX) {
      throw new IllegalArgumentException(
          "a machine has 1 to %d processors".formatted(PROCESSORS_MAX));
    }
  }

  /// 1 GiB, one processor, virtio.
  public static MachineSettings defaults() {
    return new MachineSettings(Accelerator.AUTO, Firmware.BIOS, Bus.VIRTIO, 1024, 1);
  }

  /// The same run by another one.
  MachineSettings with(Accelerator other) {
    return new MachineSettings(other, firmware, bus, memoryMiB, processors);
  }

  /// QEMU's option for the one network card, whose network ends at the host.
  ///
  /// @param port of the guest that the host can reach
  String network(OptionalInt port) {
    String card = bus == Bus.VIRTIO ? "virtio-net-pci" : "e1000e";
    String forward = port.isPresent() ? ",hostfwd=tcp:127.0.0.1:0-:" + port.getAsInt() : "";
    return "user,restrict=on,model=" + card + forward;
  }
}
