package io.calco.guest.inspect;

import io.calco.guest.OsRelease;
import io.calco.guest.UnmountedVolume;
import io.calco.guest.boot.InitSystem;
import io.calco.guest.inspect.packages.InstalledPackage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What is in a guest's disk. All text is as the guest has it: make it printable before it is
/// shown.
///
/// @param partitionTable `gpt`, `dos`, or empty
/// @param volumes partitions with what they hold, or the whole disk
/// @param bootMode which firmware can start it
/// @param system the Linux that is installed
/// @param windows the Windows that is installed; with neither, no operating system was found
/// @param uniques what makes this machine itself
/// @param warnings what could not be read, one sentence each
public record GuestFacts(
    Optional<String> partitionTable,
    List<VolumeFacts> volumes,
    BootMode bootMode,
    Optional<SystemFacts> system,
    Optional<WindowsFacts> windows,
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

  /// A partition, a volume in one, or the whole disk.
  ///
  /// @param number empty for what is no partition
  /// @param device its name where it does not depend on the machine: `/dev/vg0/root`
  /// @param start first byte on the disk; empty for what need not lie there in one run
  /// @param size in bytes
  /// @param type what the table declares, in words
  /// @param content `ext4`, `vfat`, `swap` …, by its own marks
  /// @param uuid the file system's, or the container's
  /// @param label the file system's
  /// @param used bytes in use, when the file system can be opened
  /// @param partitionUuid PARTUUID
  /// @param mountPoint where the guest has it
  /// @param unreadable why it cannot be opened
  public record VolumeFacts(
      Optional<Integer> number,
      Optional<String> device,
      OptionalLong start,
      long size,
      Optional<String> type,
      Optional<String> content,
      Optional<String> uuid,
      Optional<String> label,
      OptionalLong used,
      Optional<String> partitionUuid,
      Optional<String> mountPoint,
      Optional<String> unreadable) {}

  /// A Linux.
  ///
  /// @param id os-release's: `debian`
  /// @param family which way of doing things it follows
  /// @param version os-release's VERSION_ID
  /// @param prettyName os-release's PRETTY_NAME
  /// @param hostname as its files have it
  /// @param architecture as `uname -m` would print it
  /// @param bootLoader `grub`, `grub-legacy`, `systemd-boot`, `extlinux`, `zipl`, `lilo`, `u-boot`
  /// @param bootEntries what a boot loader offers that reads the Boot Loader Specification's files
  /// @param kernels versions, oldest first
  /// @param virtioDrivers where the last of the kernels has them
  /// @param init what the kernel starts
  /// @param defaultTarget `graphical.target`, or `runlevel 3`
  /// @param lastBoot as its logs tell
  /// @param lastUsed when it last wrote what a running machine writes
  /// @param networkManagers what sets up its network
  /// @param timeZone `Europe/Madrid`
  /// @param locale `es_ES.UTF-8`
  /// @param selinux the mode at its next boot, with the policy: `enforcing (targeted)`
  /// @param encrypted lines of its crypttab
  /// @param cloudInit cloud-init is installed and not disabled
  /// @param sshServer an SSH server is installed
  /// @param packages how many, and of which manager
  /// @param users root and people
  /// @param unmounted lines of its fstab that could not be followed
  public record SystemFacts(
      String id,
      OsRelease.Family family,
      Optional<String> version,
      Optional<String> prettyName,
      Optional<String> hostname,
      Optional<String> architecture,
      Optional<String> bootLoader,
      List<BootEntry> bootEntries,
      List<String> kernels,
      List<DriverFacts> virtioDrivers,
      InitSystem init,
      Optional<String> defaultTarget,
      Optional<Instant> lastBoot,
      Optional<Instant> lastUsed,
      List<String> networkManagers,
      Optional<String> timeZone,
      Optional<String> locale,
      Optional<String> selinux,
      List<EncryptedVolume> encrypted,
      boolean cloudInit,
      boolean sshServer,
      Optional<PackageFacts> packages,
      List<UserFacts> users,
      List<UnmountedVolume> unmounted) {

    /// Copies the lists.
    public SystemFacts {
      bootEntries = List.copyOf(bootEntries);
      kernels = List.copyOf(kernels);
      virtioDrivers = List.copyOf(virtioDrivers);
      encrypted = List.copyOf(encrypted);
      networkManagers = List.copyOf(networkManagers);
      users = List.copyOf(users);
      unmounted = List.copyOf(unmounted);
    }
  }

  /// What a boot loader offers.
  ///
  /// @param path its file, or a unified kernel image
  /// @param title as the menu shows it
  /// @param version the kernel's
  public record BootEntry(String path, Optional<String> title, Optional<String> version) {}

  /// Where a kernel has a driver.
  public enum DriverPlace {
    BUILT_IN,
    /// In the initial RAM file system: there before the root file system is.
    INITRAMFS,
    /// Among the modules in the root file system only.
    MODULE,
    NONE
  }

  /// A kernel's driver.
  ///
  /// @param name `virtio_blk`
  /// @param place where it is
  public record DriverFacts(String name, DriverPlace place) {}

  /// A line of crypttab.
  ///
  /// @param name below `/dev/mapper`
  /// @param device what is encrypted
  /// @param keyFile empty when a passphrase is asked for
  /// @param options `luks`, `discard` …
  public record EncryptedVolume(
      String name, String device, Optional<String> keyFile, List<String> options) {

    /// Copies the list.
    public EncryptedVolume {
      options = List.copyOf(options);
    }
  }

  /// Installed packages.
  ///
  /// @param manager `dpkg`, `rpm`, `apk`, `pacman`
  /// @param count empty when its database cannot be read
  /// @param installed by name
  public record PackageFacts(String manager, OptionalLong count, List<InstalledPackage> installed) {

    /// Copies the list.
    public PackageFacts {
      installed = List.copyOf(installed);
    }
  }

  /// An account.
  ///
  /// @param name login name
  /// @param uid its number
  /// @param home home directory
  /// @param shell login program
  public record UserFacts(String name, int uid, String home, String shell) {}
}
