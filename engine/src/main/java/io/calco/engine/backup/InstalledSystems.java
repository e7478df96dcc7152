package io.calco.engine.backup;

import io.calco.backup.InstalledSystem;
import io.calco.backup.PackageList;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.engine.OperationException;
import io.calco.guest.DiskVolume;
import io.calco.guest.GuestDisk;
import io.calco.guest.inspect.GuestFacts;
import io.calco.guest.inspect.GuestFacts.PackageFacts;
import io.calco.guest.inspect.GuestFacts.SystemFacts;
import io.calco.guest.inspect.Inspector;
import io.calco.guest.inspect.WindowsFacts;
import io.calco.volume.VolumeKeys;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/// What is installed in a disk, in the words of restore points.
///
/// @param system the operating system
/// @param keys `luks/UUID` for each encrypted volume
/// @param packages of a Linux
/// @param warnings what could not be looked at
record InstalledSystems(
    Optional<InstalledSystem> system,
    Optional<PackageList> packages,
    List<String> keys,
    List<String> warnings) {

  private static final int TEXT_MAX = 200; // ours
  private static final int KERNELS_MAX = 20; // ours

  /// Nothing was looked for.
  static InstalledSystems none() {
    return new InstalledSystems(Optional.empty(), Optional.empty(), List.of(), List.of());
  }

  /// Looks into a disk. Whatever is wrong in there is a warning: a backup is wanted all the more.
  static InstalledSystems find(Disk disk, VolumeKeys volumeKeys) throws IOException {
    try (GuestDisk guest = GuestDisk.openReadOnly(disk, volumeKeys)) {
      List<String> keys = new ArrayList<>();
      for (DiskVolume volume : guest.volumes()) {
        if (volume.content().equals(Optional.of("crypto_LUKS"))) {
          volume.place().uuid().ifPresent(uuid -> keys.add("luks/" + uuid));
        }
      }
      GuestFacts facts = Inspector.identify(guest, disk.size());
      Optional<PackageList> packages =
          facts.system().flatMap(SystemFacts::packages).flatMap(InstalledSystems::packages);
      return new InstalledSystems(
          system(facts),
          packages,
          keys,
          packages.filter(PackageList::cut).isPresent()
              ? List.of("more packages are installed than are listed")
              : List.of());
    } catch (DiskException e) {
      return new InstalledSystems(
          Optional.empty(),
          Optional.empty(),
          List.of(),
          List.of(
              "what is installed could not be found: " + OperationException.of(e).getMessage()));
    }
  }

  private static Optional<PackageList> packages(PackageFacts found) {
    if (found.count().isEmpty()) {
      return Optional.empty();
    }
    List<PackageList.Installed> installed =
        found.installed().stream()
            .limit(PackageList.MAX + 1L)
            .map(one ->
                new PackageList.Installed(
                    one.name(), one.fullVersion(), one.architecture().orElse("")))
            .toList();
    return Optional.of(new PackageList(found.manager(), installed, false));
  }

  private static Optional<InstalledSystem> system(GuestFacts facts) {
    String bootMode = facts.bootMode().name().toLowerCase(Locale.ROOT).replace('_', '-');
    return facts
        .system()
        .map(linux -> linux(linux, bootMode))
        .or(() -> facts.windows().map(windows -> windows(windows, bootMode)));
  }

  private static InstalledSystem linux(SystemFacts facts, String bootMode) {
    OptionalInt packages =
        facts
            .packages()
            .map(found -> found.count().stream().mapToInt(Math::toIntExact).findFirst())
            .orElse(OptionalInt.empty());
    List<String> kernels = facts.kernels();
    return new InstalledSystem(
        cut(facts.id()),
        facts.prettyName().map(InstalledSystems::cut),
        facts.version().map(InstalledSystems::cut),
        facts.hostname().map(InstalledSystems::cut),
        facts.architecture().map(InstalledSystems::cut),
        bootMode,
        kernels.subList(Math.max(0, kernels.size() - KERNELS_MAX), kernels.size()).stream()
            .map(InstalledSystems::cut)
            .toList(),
        packages);
  }

  /// A guest may say what it likes; a root has 1 MiB.
  private static String cut(String text) {
    return text.length() > TEXT_MAX ? text.substring(0, TEXT_MAX) : text;
  }

  private static InstalledSystem windows(WindowsFacts facts, String bootMode) {
    return new InstalledSystem(
        "windows",
        facts.product().map(InstalledSystems::cut),
        facts.version().map(InstalledSystems::cut),
        facts.computerName().map(InstalledSystems::cut),
        facts.architecture().map(InstalledSystems::cut),
        bootMode,
        List.of(),
        OptionalInt.empty());
  }
}
