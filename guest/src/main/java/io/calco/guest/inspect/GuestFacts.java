package io.calco.guest.inspect;

import io.calco.guest.UnmountedVolume;
import io.calco.guest.boot.InitSystem;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What is in a guest's disk. All text is as the guest has it: make it printable before it is
/// shown.
///
/// @param partitionTable `gpt`, `dos`, or empty
/// @param volumes partitions with what they hold, or the whole disk
/// @param bootMode which firmware can start it
/// @param system what is installed; empty when no operating system was found
/// @param uniques what makes this machine itself
/// @param warnings what could not be read, one sentence each
public record GuestFacts(
    Optional<String> partitionTable,
    List<VolumeFacts> volumes,
    BootMode bootMode,
    Optional<SystemFacts> system,
    List<UniqueFact> uniques,
    List<String> warnings) {

  /// Copies the lists.
  public GuestFacts {
    volumes = List.copyOf(volumes);
    uniques = List.copyOf(uniques);
    warnings = List.copyOf(warnings);
  }

  /// Which firmware can start a disk, as far as its partition table tells.
  public enum BootMode {
    NONE,
    BIOS,
    UEFI,
    BIOS_AND_UEFI
  }

  /// A partition, or the whole disk.
  ///
  /// @param number empty for the whole disk
  /// @param start first byte on the disk
  /// @param size in bytes
  /// @param type what the table declares, in words
  /// @param content `ext4`, `vfat`, `swap` …, by its own marks
  /// @param uuid the file system's
  /// @param label the file system's
  /// @param used bytes in use, when the file system can be opened
  /// @param partitionUuid PARTUUID
  /// @param mountPoint where the guest has it
  /// @param unreadable why it cannot be opened
  public record VolumeFacts(
      Optional<Integer> number,
      long start,
      long size,
      Optional<String> type,
      Optional<String> content,
      Optional<String> uuid,
      Optional<String> label,
      OptionalLong used,
      Optional<String> partitionUuid,
      Optional<String> mountPoint,
      Optional<String> unreadable) {}

  /// An operating system.
  ///
  /// @param id os-release's: `debian`
  /// @param version os-release's VERSION_ID
  /// @param prettyName os-release's PRETTY_NAME
  /// @param hostname as its files have it
  /// @param architecture as `uname -m` would print it
  /// @param bootLoader `grub`, `systemd-boot`, `extlinux`, `lilo`
  /// @param kernels versions
  /// @param init what the kernel starts
  /// @param networkManagers what sets up its network
  /// @param cloudInit cloud-init is installed and not disabled
  /// @param sshServer an SSH server is installed
  /// @param packages how many, and of which manager
  /// @param users root and people
  /// @param unmounted lines of its fstab that could not be followed
  public record SystemFacts(
      String id,
      Optional<String> version,
      Optional<String> prettyName,
      Optional<String> hostname,
      Optional<String> architecture,
      Optional<String> bootLoader,
      List<String> kernels,
      InitSystem init,
      List<String> networkManagers,
      boolean cloudInit,
      boolean sshServer,
      Optional<PackageFacts> packages,
      List<UserFacts> users,
      List<UnmountedVolume> unmounted) {

    /// Copies the lists.
    public SystemFacts {
      kernels = List.copyOf(kernels);
      networkManagers = List.copyOf(networkManagers);
      users = List.copyOf(users);
      unmounted = List.copyOf(unmounted);
    }
  }

  /// Installed packages.
  ///
  /// @param manager `dpkg`, `rpm`, `apk`, `pacman`
  /// @param count empty when its database is not text
  public record PackageFacts(String manager, OptionalLong count) {}

  /// An account.
  ///
  /// @param name login name
  /// @param uid its number
  /// @param home home directory
  /// @param shell login program
  public record UserFacts(String name, int uid, String home, String shell) {}
}
