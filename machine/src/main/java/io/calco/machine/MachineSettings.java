package io.calco.machine;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

  /// QEMU's options for all but disk, network, screen and consoles.
  ///
  /// @param name what the machine is called
  /// @throws java.nio.file.NoSuchFileException when this host does not have the firmware
  List<String> hardware(String name) throws IOException {
    return hardware(name, Optional.empty());
  }

  /// The same with variables of its firmware that are kept.
  List<String> hardware(String name, Optional<Path> variables) throws IOException {
    List<String> words = new ArrayList<>(accelerator.options());
    words.addAll(List.of("-nodefaults", "-no-user-config", "-vga", "std"));
    words.addAll(List.of("-machine", "q35", "-name", name));
    words.addAll(List.of("-m", memoryMiB + "M", "-smp", "" + processors));
    words.addAll(firmware.options(variables));
    return words;
  }

  /// QEMU's device for the drive `disk`.
  String disk() {
    return switch (bus) {
      case VIRTIO -> "virtio-blk-pci,drive=disk,bootindex=1";
      case SATA -> "ide-hd,bus=ide.0,drive=disk,bootindex=1";
    };
  }

  /// QEMU's model of the network card.
  String card() {
    return bus == Bus.VIRTIO ? "virtio-net-pci" : "e1000e";
  }

  /// QEMU's option for the one network card.
  ///
  /// @param port of the guest that the host can reach
  String network(BootPlan.Network reach, OptionalInt port) {
    String restricted = reach == BootPlan.Network.ISOLATED ? "restrict=on," : "";
    String forward = port.isPresent() ? ",hostfwd=tcp:127.0.0.1:0-:" + port.getAsInt() : "";
    return "user," + restricted + "model=" + card() + forward;
  }
}
