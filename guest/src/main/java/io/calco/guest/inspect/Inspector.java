package io.calco.guest.inspect;

import io.calco.disk.Disk;
import io.calco.guest.DiskVolume;
import io.calco.guest.GuestDisk;
import io.calco.guest.GuestTree;
import io.calco.guest.OsRelease;
import io.calco.guest.account.User;
import io.calco.guest.boot.InitSystem;
import io.calco.guest.identity.HostnameFiles;
import io.calco.guest.inspect.GuestFacts.BootMode;
import io.calco.guest.inspect.GuestFacts.SystemFacts;
import io.calco.guest.inspect.GuestFacts.UserFacts;
import io.calco.guest.inspect.GuestFacts.VolumeFacts;
import io.calco.volume.PartitionKind;
import io.calco.volume.PartitionTable;
import io.calco.volume.lvm.VolumeGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Reads facts from a guest. A file that cannot be read, whatever it is, costs its fact and gives a
/// warning.
public final class Inspector {
  private final List<String> warnings = new ArrayList<>();
  private final boolean bootImages;

  private Inspector(boolean bootImages) {
    this.bootImages = bootImages;
  }

  /// Reads.
  @FunctionalInterface
  private interface Reader<T> {
    T read() throws IOException;
  }

  /// What is in the disk.
  ///
  /// @param size the disk's size in bytes
  public static GuestFacts inspect(GuestDisk disk, long size) {
    return new Inspector(true).facts(disk, size);
  }

  /// As [#inspect], but for what is read from boot images, which takes longer than all the rest: no
  /// virtio drivers are told.
  public static GuestFacts identify(GuestDisk disk, long size) {
    return new Inspector(false).facts(disk, size);
  }

  /// What makes the machine itself, without the rest: [GuestFacts#uniques] alone.
  ///
  /// @param size the disk's size in bytes
  public static List<UniqueFact> uniques(GuestDisk disk, long size) {
    Inspector inspector = new Inspector(false);
    Optional<WindowsFacts> windows = inspector.windows(disk);
    return inspector.uniques(disk, windows, volumes(disk, size));
  }

  private GuestFacts facts(GuestDisk disk, long size) {
    List<VolumeFacts> volumes = volumes(disk, size);
    Optional<WindowsFacts> windows = windows(disk);
    Optional<GuestTree> linux = disk.tree().filter(_ -> windows.isEmpty());
    List<UniqueFact> uniques = uniques(disk, windows, volumes);
    disk.table()
        .ifPresent(table -> table.problems().forEach(problem -> warnings.add(problem.toString())));
    return new GuestFacts(
        disk.table().map(PartitionTable::name),
        volumes,
        bootMode(disk.table()),
        linux.map(this::system),
        windows,
        uniques,
        warnings);
  }

  private static List<VolumeFacts> volumes(GuestDisk disk, long size) {
    return disk.volumes().stream().map(volume -> volumeFacts(volume, disk.tree(), size)).toList();
  }

  private Optional<WindowsFacts> windows(GuestDisk disk) {
    return disk.tree()
        .filter(tree -> or(false, "the root", tree::isWindows))
        .map(tree -> WindowsInspection.of(tree, warnings));
  }

  private List<UniqueFact> uniques(
      GuestDisk disk, Optional<WindowsFacts> windows, List<VolumeFacts> volumes) {
    List<UniqueFact> uniques = new ArrayList<>();
    windows.ifPresent(facts -> uniques.addAll(windowsUniques(facts)));
    disk.tree()
        .filter(_ -> windows.isEmpty())
        .ifPresent(tree -> uniques.addAll(or(List.of(), "what is unique", () -> Uniques.of(tree))));
    uniques.addAll(diskUniques(disk, volumes));
    return uniques;
  }

  private static List<UniqueFact> windowsUniques(WindowsFacts facts) {
    List<UniqueFact> uniques = new ArrayList<>();
    facts
        .computerName()
        .ifPresent(name ->
            uniques.add(new UniqueFact("hostname", "SYSTEM", Optional.of(name), Optional.empty())));
    facts
        .machineSid()
        .ifPresent(sid ->
            uniques.add(new UniqueFact("machine-sid", "SAM", Optional.of(sid), Optional.empty())));
    return uniques;
  }

  private static BootMode bootMode(Optional<PartitionTable> table) {
    if (table.isEmpty()) {
      return BootMode.NONE;
    }
    boolean gpt = table.get().name().equals("gpt");
    boolean bios = table.get().bootCode() && (!gpt || has(table.get(), PartitionKind.BIOS_BOOT));
    boolean uefi = has(table.get(), PartitionKind.EFI_SYSTEM);
    if (bios) {
      return uefi ? BootMode.BIOS_AND_UEFI : BootMode.BIOS;
    }
    return uefi ? BootMode.UEFI : BootMode.NONE;
  }

  private static boolean has(PartitionTable table, PartitionKind kind) {
    return table.partitions().stream().anyMatch(p -> p.type().kind() == kind);
  }

  private static VolumeFacts volumeFacts(DiskVolume volume, Optional<GuestTree> tree, long size) {
    var partition = volume.partition();
    var facts = volume.facts();
    return new VolumeFacts(
        partition.map(p -> p.number()),
        volume.device(),
        start(volume),
        partition
            .map(p -> p.length())
            .or(() -> volume.place().logical().map(logical -> logical.size()))
            .or(() -> volume.place().disk().map(Disk::size))
            .orElse(size),
        partition.map(p -> p.type().description()),
        volume.content(),
        facts.isPresent() ? facts.get().uuid() : volume.place().uuid(),
        facts.flatMap(f -> f.label()),
        facts.isPresent()
            ? OptionalLong.of(facts.get().size() - facts.get().free())
            : OptionalLong.empty(),
        partition.flatMap(p -> p.uuid()),
        tree.flatMap(t -> mountPoint(t, volume)),
        volume.unreadable());
  }

  private static OptionalLong start(DiskVolume volume) {
    if (volume.partition().isPresent()) {
      return OptionalLong.of(volume.partition().get().start());
    }
    return volume.place().parents().isEmpty() ? OptionalLong.of(0) : OptionalLong.empty();
  }

  private static Optional<String> mountPoint(GuestTree tree, DiskVolume volume) {
    return tree.mounts().entrySet().stream()
        .filter(mount ->
            mount.getValue().devices().equals(volume.place().devices())
                && mount.getValue().partitionNumber().stream()
                    .boxed()
                    .findFirst()
                    .equals(volume.partition().map(p -> p.number())))
        .filter(mount -> volume.facts().isPresent())
        .map(mount -> mount.getKey())
        .findFirst();
  }

  private static List<UniqueFact> diskUniques(GuestDisk disk, List<VolumeFacts> volumes) {
    List<UniqueFact> uniques = new ArrayList<>();
    disk.table()
        .flatMap(PartitionTable::uuid)
        .ifPresent(uuid ->
            uniques.add(
                new UniqueFact(
                    "disk-uuid", "partition table", Optional.of(uuid), Optional.empty())));
    for (VolumeGroup group : disk.volumeGroups()) {
      uniques.add(
          new UniqueFact(
              "lvm-uuid",
              "volume group " + group.name(),
              Optional.of(group.uuid().text()),
              Optional.of("lvm-uuids")));
    }
    for (VolumeFacts volume : volumes) {
      String place =
          volume.device().or(() -> volume.number().map(n -> "partition " + n)).orElse("whole disk");
      if (volume.uuid().isPresent()) {
        uniques.add(uuid(place, volume));
      }
      if (volume.content().equals(Optional.of("crypto_LUKS"))) {
        uniques.add(new UniqueFact("luks-key", place, Optional.empty(), Optional.empty()));
      }
    }
    return uniques;
  }

  private static UniqueFact uuid(String place, VolumeFacts volume) {
    return switch (volume.content().orElse("")) {
      case "LVM2_member" ->
          new UniqueFact("lvm-uuid", place, volume.uuid(), Optional.of("lvm-uuids"));
      case "crypto_LUKS" ->
          new UniqueFact("luks-uuid", place, volume.uuid(), Optional.of("luks-uuids"));
      case "linux_raid_member" ->
          new UniqueFact("raid-uuid", place, volume.uuid(), Optional.empty());
      default -> new UniqueFact("file-system-uuid", place, volume.uuid(), Optional.of("fs-uuids"));
    };
  }

  private SystemFacts system(GuestTree tree) {
    Software software = new Software(tree);
    OsRelease unknown =
        new OsRelease(
            "linux", List.of(), Optional.empty(), Optional.empty(), OsRelease.Family.OTHER);
    OsRelease os = or(unknown, "os-release", () -> OsRelease.of(tree));
    BootLoaders boot = new BootLoaders(tree);
    SystemSettings settings = new SystemSettings(tree);
    Activity activity = new Activity(tree);
    List<String> kernels = or(List.of(), "the kernels", boot::kernels);
    return new SystemFacts(
        os.id(),
        os.family(),
        os.version(),
        os.prettyName(),
        or(Optional.empty(), "the host name", () -> HostnameFiles.current(tree)),
        or(Optional.empty(), "the architecture", software::architecture),
        or(Optional.empty(), "the boot loader", boot::loader),
        or(List.of(), "the boot loader's entries", boot::entries),
        kernels,
        bootImages
            ? or(List.of(), "the virtio drivers", () -> VirtioDrivers.of(tree, kernels))
            : List.of(),
        or(InitSystem.UNKNOWN, "the init system", () -> InitSystem.of(tree)),
        or(Optional.empty(), "what is started", settings::defaultTarget),
        or(Optional.empty(), "the last boot", activity::lastBoot),
        or(Optional.empty(), "the last use", activity::lastUsed),
        or(List.of(), "the network's set-up", software::networkManagers),
        or(Optional.empty(), "the time zone", settings::timeZone),
        or(Optional.empty(), "the locale", settings::locale),
        or(Optional.empty(), "SELinux's mode", settings::selinux),
        or(List.of(), "the encrypted volumes", settings::encrypted),
        or(false, "cloud-init", software::cloudInit),
        or(false, "the SSH server", software::sshServer),
        software.packages(warnings),
        or(List.of(), "the users", () -> users(tree)),
        tree.unmounted());
  }

  private static List<UserFacts> users(GuestTree tree) throws IOException {
    return User.all(tree).stream()
        .filter(user -> user.isRoot() || user.isPerson() && user.canLogIn())
        .map(user -> new UserFacts(user.name(), user.uid(), user.home(), user.shell()))
        .toList();
  }

  private <T> T or(T otherwise, String what, Reader<T> reader) {
    try {
      return reader.read();
    } catch (IOException e) {
      warnings.add("cannot read " + what + ": " + e.getMessage());
      return otherwise;
    }
  }
}
