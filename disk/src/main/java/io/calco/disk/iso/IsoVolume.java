package io.calco.disk.iso;

import io.calco.disk.Disk;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// An ISO 9660 volume on a disk. Its texts are safe to print.
///
/// @param volumeId the disc's name
/// @param systemId the system it is for
/// @param applicationId what made it
/// @param size bytes in the volume, which the disk may exceed or, when cut, fall short of
/// @param joliet there are long names in Unicode beside the others
/// @param rockRidge there are names, owners and modes as Unix has them
/// @param udf a UDF file system shows the same files
/// @param boot what a machine can start from it, by El Torito
/// @param beside partition tables in the first sectors, which make it start from other media too
public record IsoVolume(
    String volumeId,
    String systemId,
    String applicationId,
    long size,
    boolean joliet,
    boolean rockRidge,
    boolean udf,
    List<BootEntry> boot,
    Set<Beside> beside) {

  /// A partition table beside the volume.
  public enum Beside {
    /// A boot record with a partition.
    MBR,
    /// A GUID partition table.
    GPT,
    /// An Apple partition map.
    APPLE
  }

  /// Something to start from.
  ///
  /// @param platform for which machines
  /// @param emulation what the firmware makes of it
  /// @param bootable false when it is only listed
  /// @param offset where it lies, in bytes from the start of the disk
  public record BootEntry(Platform platform, Emulation emulation, boolean bootable, long offset) {}

  /// The machines a [BootEntry] is for.
  public enum Platform {
    /// x86 with a BIOS.
    BIOS,
    /// PowerPC.
    POWERPC,
    /// Macs of before EFI.
    MAC,
    /// Any with EFI.
    EFI,
    /// A number that the specification does not know.
    OTHER
  }

  /// What firmware makes of a [BootEntry].
  public enum Emulation {
    /// Nothing: it is loaded and run as it is.
    NONE,
    /// A diskette.
    FLOPPY,
    /// A disk with a partition table.
    HARD_DISK,
    /// A number that the specification does not know.
    OTHER
  }

  /// Copies the collections.
  public IsoVolume {
    boot = List.copyOf(boot);
    beside = Set.copyOf(beside);
  }

  /// True when the image can be written to a stick or a disk and started from there.
  public boolean hybrid() {
    return !beside.isEmpty();
  }

  /// The volume on a disk, if there is one.
  ///
  /// @throws IOException only when the disk cannot be read
  public static Optional<IsoVolume> find(Disk disk) throws IOException {
    return new IsoReader(disk).read();
  }
}
