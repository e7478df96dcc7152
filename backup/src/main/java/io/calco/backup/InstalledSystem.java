package io.calco.backup;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// The operating system that was found in a disk. All text is as the guest had it.
///
/// @param id `debian`, `windows` …
/// @param name for a person: `Debian GNU/Linux 12 (bookworm)`
/// @param version `12`
/// @param hostName as its files have it
/// @param architecture as `uname -m` prints it
/// @param bootMode `bios`, `uefi`, `bios-and-uefi` or `none`
/// @param kernels versions, oldest first
/// @param packages how many are installed
public record InstalledSystem(
    String id,
    Optional<String> name,
    Optional<String> version,
    Optional<String> hostName,
    Optional<String> architecture,
    String bootMode,
    List<String> kernels,
    OptionalInt packages) {

  /// Copies the list.
  public InstalledSystem {
    kernels = List.copyOf(kernels);
  }
}
