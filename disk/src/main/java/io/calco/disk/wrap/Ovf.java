package io.calco.disk.wrap;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// The facts of an OVF descriptor (DMTF DSP0243, versions 1 and 2) that matter to whoever takes the
/// machine in.
///
/// @param name the machine's name
/// @param operatingSystem what it runs, in the words of the descriptor
/// @param hardware the family of virtual hardware, such as `vmx-19`
/// @param firmware `bios` or `efi`, when it says
/// @param cpus virtual processors
/// @param memoryBytes memory, in bytes
/// @param networkAdapters how many
/// @param disks in the order of the descriptor
public record Ovf(
    String name,
    Optional<String> operatingSystem,
    Optional<String> hardware,
    Optional<String> firmware,
    OptionalInt cpus,
    OptionalLong memoryBytes,
    int networkAdapters,
    List<VirtualDisk> disks) {

  /// Copies the list.
  public Ovf {
    disks = List.copyOf(disks);
  }

  /// A disk of the machine.
  ///
  /// @param id as the descriptor calls it
  /// @param capacityBytes its virtual size
  /// @param file where its content lies; empty for a blank disk
  /// @param parent the disk that this one only holds changes of
  /// @param controller what it is attached to: `ide`, `scsi`, `sata`, `nvme`
  public record VirtualDisk(
      String id,
      long capacityBytes,
      Optional<File> file,
      Optional<String> parent,
      Optional<String> controller) {}

  /// A file of the package.
  ///
  /// @param href its name there
  /// @param chunkBytes the length of the parts that it is cut into, if it is
  public record File(String href, OptionalLong chunkBytes) {}
}
