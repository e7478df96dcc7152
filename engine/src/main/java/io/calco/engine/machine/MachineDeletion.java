package io.calco.engine.machine;

import io.calco.disk.ImageLock;
import io.calco.disk.ImageOptions;
import io.calco.disk.OpenPolicy;
import io.calco.engine.Calco;
import io.calco.engine.DiskImages;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.machine.libvirt.Connection;
import io.calco.machine.libvirt.Domain;
import io.calco.machine.libvirt.Domains;
import io.calco.machine.libvirt.Domains.Description;
import io.calco.machine.libvirt.LibvirtException;
import io.calco.machine.libvirt.StoragePool;
import io.calco.machine.libvirt.StoragePools;
import io.calco.machine.libvirt.StorageVolume;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What goes when a machine is deleted.
///
/// @param machine as it is
/// @param disks that go with it
public record MachineDeletion(MachineReport machine, List<MachineReport.Disk> disks) {
  /// Copies the list.
  public MachineDeletion {
    disks = List.copyOf(disks);
  }

  /// What becomes of a machine's disks.
  public enum Disks {
    /// They stay.
    KEEP,
    /// They go, as long as nobody else needs them; what lies in drives stays.
    DELETE
  }

  static MachineDeletion of(Calco calco, Connection libvirt, MachineReport machine, Disks fate)
      throws IOException {
    if (machine.state().active()) {
      throw new OperationException(
          Kind.REFUSED,
          "machine %s is %s".formatted(machine.name(), machine.state().label()),
          "stop it first: calco machine stop " + machine.name());
    }
    List<MachineReport.Disk> disks = new ArrayList<>();
    for (MachineReport.Disk disk : machine.disks()) {
      Optional<Path> file = disk.facts().file();
      boolean goes =
          fate == Disks.DELETE
              && disk.facts().isWritten()
              && file.isPresent()
              && Files.isRegularFile(file.get());
      if (goes) {
        requireFree(calco, libvirt, machine, disk, file.orElseThrow());
        disks.add(disk);
      }
    }
    return new MachineDeletion(machine, disks);
  }

  private static void requireFree(
      Calco calco, Connection libvirt, MachineReport machine, MachineReport.Disk disk, Path file)
      throws IOException {
    requireUnneeded(calco, disk, file, pooled(libvirt.pools()));
    List<String> others = others(libvirt.domains(), machine, file);
    if (!others.isEmpty()) {
      throw needed(
          "%s: machine %s has it, too".formatted(file, String.join(", ", others)),
          "leave it with --keep-disk");
    }
    ImageLock.requireUnused(file);
  }

  /// Makes sure that a disk is no template's and that no other rests on it.
  ///
  /// @param more where others are looked for, beside its own directory and the home's pool
  static void requireUnneeded(Calco calco, MachineReport.Disk disk, Path file, Set<Path> more)
      throws IOException {
    if (disk.owner().isPresent()
        && disk.owner().get() instanceof CatalogueDisk.OfTemplate template) {
      throw needed(
          "%s is the sealed disk of %s".formatted(file, template),
          "leave it with --keep-disk, or delete the template first: calco template delete "
              + template.name());
    }
    List<String> children = children(calco, more, file);
    if (!children.isEmpty()) {
      throw needed(
          "%s: %s on it: %s"
              .formatted(
                  file,
                  children.size() == 1 ? "1 disk rests" : children.size() + " disks rest",
                  shortened(children)),
          "leave it with --keep-disk");
    }
  }

  private static String shortened(List<String> names) {
    int shown = 5;
    return names.size() <= shown
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, shown)) + ", …";
  }

  private static OperationException needed(String why, String hint) {
    return new OperationException(Kind.REFUSED, why, hint);
  }

  /// What lies in libvirt's pools.
  private static Set<Path> pooled(StoragePools pools) throws IOException {
    Set<Path> all = new LinkedHashSet<>();
    for (StoragePool pool : pools.active()) {
      all.addAll(files(pools, pool));
    }
    return all;
  }

  /// Overlays in the disk's own directory, in Calco's pool, and elsewhere.
  private static List<String> children(Calco calco, Set<Path> more, Path file) throws IOException {
    Path real = CatalogueDisk.real(file);
    Set<Path> candidates = new LinkedHashSet<>(more);
    for (Path directory : List.of(file.resolveSibling(""), calco.home().pool())) {
      try (DirectoryStream<Path> beside = Files.newDirectoryStream(directory)) {
        beside.forEach(one -> candidates.add(CatalogueDisk.real(one)));
      }
    }
    List<String> children = new ArrayList<>();
    for (Path candidate : candidates) {
      if (!candidate.equals(real)
          && Files.isRegularFile(candidate)
          && backing(candidate).filter(real::equals).isPresent()) {
        children.add(candidate.toString());
      }
    }
    return children;
  }

  /// A pool that cannot be looked at, as its directory is gone, holds nothing.
  private static List<Path> files(StoragePools pools, StoragePool pool) throws IOException {
    List<Path> files = new ArrayList<>();
    try {
      pools.refresh(pool);
      for (StorageVolume volume : pools.volumes(pool)) {
        files.add(CatalogueDisk.real(pools.path(volume)));
      }
    } catch (LibvirtException e) {
      System.getLogger(MachineDeletion.class.getName())
          .log(System.Logger.Level.DEBUG, "pool " + pool.name() + " cannot be looked at", e);
    }
    return files;
  }

  /// The header alone is read, and nothing below is opened.
  private static Optional<Path> backing(Path candidate) {
    ImageOptions options = ImageOptions.reading().with(OpenPolicy.ownDirectory());
    try {
      return DiskImages.info(candidate, options).backingFile().map(CatalogueDisk::real);
    } catch (IOException e) {
      return Optional.empty(); // no image, or none that can be read: nothing that rests on a disk
    }
  }

  private static List<String> others(Domains domains, MachineReport machine, Path file)
      throws IOException {
    Path real = CatalogueDisk.real(file);
    List<String> names = new ArrayList<>();
    for (Domain other : domains.list()) {
      boolean has =
          !other.uuid().equals(machine.uuid())
              && domains.xml(other, Description.LIVE).disks().stream()
                  .flatMap(disk -> disk.file().stream())
                  .anyMatch(path -> CatalogueDisk.real(path).equals(real));
      if (has) {
        names.add(other.name());
      }
    }
    return names;
  }

  /// The machine goes first.
  void carryOut(Calco calco, Connection libvirt, Domain domain) throws IOException {
    libvirt.domains().undefine(domain, Domains.Nvram.DELETE);
    deleteDisks(calco);
    MachineMaker.refresh(
        libvirt, disks.stream().flatMap(disk -> disk.facts().file().stream()).toList());
  }

  void deleteDisks(Calco calco) throws IOException {
    for (MachineReport.Disk disk : disks) {
      Path file = disk.facts().file().orElseThrow();
      if (disk.owner().isPresent() && disk.owner().get() instanceof CatalogueDisk.OfClone clone) {
        calco.clones().delete(clone.name());
      } else {
        Files.deleteIfExists(file);
      }
    }
  }
}
