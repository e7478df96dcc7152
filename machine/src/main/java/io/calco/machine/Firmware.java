package io.calco.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What a machine starts with.
public enum Firmware {
  /// SeaBIOS, which QEMU brings along.
  BIOS,
  /// EDK II for virtual machines (OVMF), which distributions package apart.
  UEFI;

  /// Where distributions put it: code, and the variables of a new machine.
  private static final List<List<String>> PLACES =
      List.of(
          List.of("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
          List.of("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
          List.of("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
          List.of("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
          List.of("/usr/share/qemu/ovmf-x86_64-code.bin", "/usr/share/qemu/ovmf-x86_64-vars.bin"));

  /// The one of this name: `bios`, `uefi`.
  public static Optional<Firmware> named(String name) {
    return switch (name) {
      case "bios" -> Optional.of(BIOS);
      case "uefi" -> Optional.of(UEFI);
      default -> Optional.empty();
    };
  }

  /// True when this host has it.
  public boolean installed() {
    return this == BIOS || PLACES.stream().anyMatch(Firmware::there);
  }

  private static boolean there(List<String> place) {
    return place.stream().allMatch(file -> Files.isReadable(Path.of(file)));
  }

  /// The variables that a new machine starts with, where it has any.
  ///
  /// @throws NoSuchFileException when this host does not have the firmware
  Optional<Path> variables() throws IOException {
    return this == BIOS ? Optional.empty() : Optional.of(Path.of(place().getLast()));
  }

  private static List<String> place() throws IOException {
    return PLACES.stream()
        .filter(Firmware::there)
        .findFirst()
        .orElseThrow(
            () -> new NoSuchFileException(PLACES.getFirst().getFirst(), null, "no UEFI firmware"));
  }

  /// QEMU's options for it.
  ///
  /// @param own the machine's own variables; empty for those of a new one, which are not kept
  /// @throws NoSuchFileException when this host does not have it
  List<String> options(Optional<Path> own) throws IOException {
    if (this == BIOS) {
      return List.of();
    }
    List<String> place = place();
    String variables =
        own.map(file -> "file=" + Machine.escaped(file))
            .orElse("snapshot=on,file=" + place.getLast());
    return List.of(
        "-drive", "if=pflash,unit=0,format=raw,readonly=on,file=" + place.getFirst(),
        "-drive", "if=pflash,unit=1,format=raw," + variables);
  }
}
