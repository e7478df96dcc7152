package io.calco.guest.inspect;

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
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Reads facts from a guest. A file that cannot be read, whatever it is, costs its fact and gives a
/// warning.
public final class Inspector {
  private final List<String> warnings = new ArrayList<>();

  private Inspector() {}

  /// Reads.
  @FunctionalInterface
  private interface Reader<T> {
    T read() throws IOException;
  }

  /// What is in the disk.
  ///
  /// @param size the disk's size in bytes
  public static GuestFacts inspect(GuestDisk disk, long size) {
    return new Inspector().facts(disk, size);
  }

  private GuestFacts facts(GuestDisk disk, long size) {
    Optional<GuestTree> tree = disk.tree();
    List<VolumeFacts> volumes =
        disk.volumes().stream().map(volume -> volumeFacts(volume, tree, size)).toList();
    List<UniqueFact> uniques = new ArrayList<>();
    tree.ifPresent(t -> uniques.addAll(or(List.of(), "what is unique", () -> Uniques.of(t))));
    uniques.addAll(diskUniques(disk, volumes));
    disk.table()
        .ifPresent(table -> table.problems().forEach(problem -> warnings.add(problem.toString())));
    return new GuestFacts(
        disk.table().map(PartitionTable::name),
        volumes,
        bootMode(disk.table()),
        tree.map(this::system),
        uniques,
        warnings);
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
        partition.map(p -> p.start()).orElse(0L),
        partition.map(p -> p.length()).orElse(size),
        partition.map(p -> p.type().description()),
        volume.content(),
        facts.flatMap(f -> f.uuid()),
        facts.flatMap(f -> f.label()),
        facts.isPresent()
            ? OptionalLong.of(facts.get().size() - facts.get().free())
            : OptionalLong.empty(),
        partition.flatMap(p -> p.uuid()),
        tree.flatMap(t -> mountPoint(t, volume)),
        volume.unreadable());
  }

  private static Optional<String> mountPoint(GuestTree tree, DiskVolume volume) {
    return tree.mounts().entrySet().stream()
        .filter(mount ->
            mount.getValue().partitionNumber().stream()
                .boxed()
                .findFirst()
                .equals(volume.partition().map(p -> p.number())))
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
    for (VolumeFacts volume : volumes) {
      String place = volume.number().map(n -> "partition " + n).orElse("whole disk");
      if (volume.uuid().isPresent()) {
        uniques.add(
            new UniqueFact("file-system-uuid", place, volume.uuid(), Optional.of("fs-uuids")));
      }
      if (volume.content().equals(Optional.of("crypto_LUKS"))) {
        uniques.add(new UniqueFact("luks-key", place, Optional.empty(), Optional.empty()));
      }
    }
    return uniques;
  }

  private SystemFacts system(GuestTree tree) {
    Software software = new Software(tree);
    OsRelease unknown =
        new OsRelease(
            "linux", List.of(), Optional.empty(), Optional.empty(), OsRelease.Family.OTHER);
    OsRelease os = or(unknown, "os-release", () -> OsRelease.of(tree));
    return new SystemFacts(
        os.id(),
        os.version(),
        os.prettyName(),
        or(Optional.empty(), "the host name", () -> HostnameFiles.current(tree)),
        or(Optional.empty(), "the architecture", software::architecture),
        or(Optional.empty(), "the boot loader", software::bootLoader),
        or(List.of(), "the kernels", software::kernels),
        or(InitSystem.UNKNOWN, "the init system", () -> InitSystem.of(tree)),
        or(List.of(), "the network's set-up", software::networkManagers),
        or(false, "cloud-init", software::cloudInit),
        or(false, "the SSH server", software::sshServer),
        or(Optional.empty(), "the packages", software::packages),
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
