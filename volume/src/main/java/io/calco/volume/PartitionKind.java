package io.calco.volume;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What a partition's type code declares it to hold, whichever table it stands in; what it does
/// hold is another matter. The names are sfdisk's.
public enum PartitionKind {
  /// A code that is not in this list.
  UNKNOWN("unknown"),
  /// The container of an MBR's logical partitions.
  EXTENDED("Extended", List.of(0x05, 0x0f, 0x85)),
  /// An MBR entry that keeps other tools off a disk with a GPT.
  PROTECTIVE("GPT", List.of(0xee)),
  EFI_SYSTEM("EFI System", List.of(0xef), "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"),
  BIOS_BOOT("BIOS boot", List.of(), "21686148-6449-6E6F-744E-656564454649"),
  PREP_BOOT("PowerPC PReP boot", List.of(0x41), "9E1A2D38-C612-4316-AA26-8B49521E5A8B"),
  LINUX_FILESYSTEM("Linux filesystem", List.of(0x83), "0FC63DAF-8483-4772-8E79-3D69D8477DE4"),
  LINUX_SWAP("Linux swap", List.of(0x82), "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F"),
  LINUX_LVM("Linux LVM", List.of(0x8e), "E6D6D379-F507-44C2-A23C-238F2A3DF928"),
  LINUX_RAID("Linux RAID", List.of(0xfd), "A19D880F-05FC-4D3B-A006-743F0F84911E"),
  LINUX_EXTENDED_BOOT("Linux extended boot", List.of(0xea), "BC13C2FF-59E6-4262-A352-B275FD6F7172"),
  LINUX_ROOT_X86("Linux root (x86)", List.of(), "44479540-F297-41B2-9AF7-D131D5F0458A"),
  LINUX_ROOT_X86_64("Linux root (x86-64)", List.of(), "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"),
  LINUX_ROOT_ARM("Linux root (ARM)", List.of(), "69DAD710-2CE4-4E3C-B16C-21A1D49ABED3"),
  LINUX_ROOT_ARM64("Linux root (ARM-64)", List.of(), "B921B045-1DF0-41C3-AF44-4C6F280D3FAE"),
  LINUX_USR_X86_64("Linux /usr (x86-64)", List.of(), "8484680C-9521-48C6-9C11-B0720656F69E"),
  LINUX_HOME("Linux home", List.of(), "933AC7E1-2EB4-4F13-B844-0E14E2AEF915"),
  LINUX_SERVER_DATA("Linux server data", List.of(), "3B8F8425-20E0-4F3B-907F-1A25A76F98E8"),
  LINUX_VARIABLE_DATA("Linux variable data", List.of(), "4D21B016-B534-45C2-A9FB-5C16E091FD2D"),
  LINUX_RESERVED("Linux reserved", List.of(), "8DA63339-0007-60C0-C436-083AC8230908"),
  FAT("FAT", List.of(0x01, 0x04, 0x06, 0x0b, 0x0c, 0x0e)),
  NTFS_EXFAT_HPFS("HPFS/NTFS/exFAT", List.of(0x07)),
  MICROSOFT_BASIC_DATA("Microsoft basic data", List.of(), "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"),
  MICROSOFT_RESERVED("Microsoft reserved", List.of(), "E3C9E316-0B5C-4DB8-817D-F92DF00215AE"),
  WINDOWS_RECOVERY(
      "Windows recovery environment", List.of(0x27), "DE94BBA4-06D1-4D40-A16A-BFD50179D6AC"),
  MICROSOFT_LDM_METADATA(
      "Microsoft LDM metadata", List.of(), "5808C8AA-7E8F-42E0-85D2-E1E90434CFB3"),
  MICROSOFT_LDM_DATA("Microsoft LDM data", List.of(0x42), "AF9B60A0-1431-4F62-BC68-3311714A69AD"),
  MICROSOFT_STORAGE_SPACES(
      "Microsoft Storage Spaces", List.of(), "E75CAF8F-F680-4CEE-AFA3-B001E56EFC2D"),
  APPLE_HFS("Apple HFS/HFS+", List.of(0xaf), "48465300-0000-11AA-AA11-00306543ECAC"),
  APPLE_APFS("Apple APFS", List.of(), "7C3457EF-0000-11AA-AA11-00306543ECAC"),
  FREEBSD("FreeBSD", List.of(0xa5)),
  FREEBSD_BOOT("FreeBSD boot", List.of(), "83BD6B9D-7F41-11DC-BE0B-001560B84F0F"),
  FREEBSD_SWAP("FreeBSD swap", List.of(), "516E7CB5-6ECF-11D6-8FF8-00022D09712B"),
  FREEBSD_UFS("FreeBSD UFS", List.of(), "516E7CB6-6ECF-11D6-8FF8-00022D09712B"),
  FREEBSD_ZFS("FreeBSD ZFS", List.of(), "516E7CBA-6ECF-11D6-8FF8-00022D09712B"),
  OPENBSD("OpenBSD", List.of(0xa6), "824CC7A0-36A8-11E3-890A-952519AD3F61"),
  SOLARIS_ZFS("Solaris /usr & Apple ZFS", List.of(0xbf), "6A898CC3-1DD2-11B2-99A6-080020736631"),
  VMWARE_VMFS("VMware VMFS", List.of(0xfb), "AA31E02A-400F-11DB-9590-000C2911D1B8");

  private static final Map<Integer, PartitionKind> BY_CODE =
      Arrays.stream(values())
          .flatMap(kind -> kind.codes.stream().map(code -> Map.entry(code, kind)))
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
  private static final Map<UUID, PartitionKind> BY_GUID =
      Arrays.stream(values())
          .flatMap(kind -> kind.guids.stream().map(guid -> Map.entry(guid, kind)))
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

  private final String description;
  private final List<Integer> codes;
  private final List<UUID> guids;

  PartitionKind(String description) {
    this(description, List.of());
  }

  PartitionKind(String description, List<Integer> codes, String... guids) {
    this.description = description;
    this.codes = codes;
    this.guids = Arrays.stream(guids).map((Function<String, UUID>) UUID::fromString).toList();
  }

  /// The name that people know it by.
  public String description() {
    return description;
  }

  /// The type GUIDs of a GPT that mean this.
  List<UUID> guids() {
    return guids;
  }

  static PartitionKind ofMbr(int code) {
    return BY_CODE.getOrDefault(code, UNKNOWN);
  }

  static PartitionKind ofGpt(UUID guid) {
    return BY_GUID.getOrDefault(guid, UNKNOWN);
  }
}
