package io.calco.backup;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// The machine that a disk was in when it was backed up, in its own words. What it does not tell is
/// empty.
///
/// @param maker of the machine
/// @param product what the maker calls it
/// @param serial number
/// @param uuid SMBIOS's
/// @param board its main board: maker and name
/// @param firmware maker, version and date
/// @param processor model
/// @param sockets processors in it
/// @param threads that the kernel sees
/// @param memory bytes that the kernel sees
/// @param disks by the kernel's names
/// @param networkCards those that are hardware, by the kernel's names
/// @param efi what its firmware remembers; empty when it did not start by UEFI
public record Hardware(
    Optional<String> maker,
    Optional<String> product,
    Optional<String> serial,
    Optional<String> uuid,
    Optional<String> board,
    Optional<String> firmware,
    Optional<String> processor,
    OptionalInt sockets,
    OptionalInt threads,
    OptionalLong memory,
    List<DiskDevice> disks,
    List<NetworkCard> networkCards,
    Optional<Efi> efi) {

  /// Copies the lists.
  public Hardware {
    disks = List.copyOf(disks);
    networkCards = List.copyOf(networkCards);
  }

  /// A disk in it.
  ///
  /// @param name `sda`
  /// @param model as its maker calls it
  /// @param serial number
  /// @param size bytes
  public record DiskDevice(
      String name, Optional<String> model, Optional<String> serial, long size) {}

  /// A network card in it.
  ///
  /// @param name `eth0`
  /// @param mac its address as it is now, `52:54:00:12:34:56`
  /// @param driver the kernel's
  public record NetworkCard(String name, String mac, Optional<String> driver) {}

  /// What UEFI's variables say of how it starts.
  ///
  /// @param secureBoot whether it was enforced; empty when the firmware does not tell
  /// @param bootCurrent number of the entry that it was started by: `0001`
  /// @param bootOrder numbers, first to last
  /// @param entries by number
  public record Efi(
      Optional<Boolean> secureBoot,
      Optional<String> bootCurrent,
      List<String> bootOrder,
      List<Entry> entries) {
    /// Copies the lists.
    public Efi {
      bootOrder = List.copyOf(bootOrder);
      entries = List.copyOf(entries);
    }
  }

  /// A boot entry: a variable `Boot####`.
  ///
  /// @param number four hexadecimal digits
  /// @param title for a person
  /// @param active the firmware tries it by itself
  /// @param partition the PARTUUID of the partition that it starts from, when it names one
  /// @param file what it starts there: `\EFI\debian\shimx64.efi`
  /// @param data the variable's content, `EFI_LOAD_OPTION`, in hexadecimal digits; empty when it is
  ///   too long to keep
  public record Entry(
      String number,
      String title,
      boolean active,
      Optional<String> partition,
      Optional<String> file,
      Optional<String> data) {}
}
