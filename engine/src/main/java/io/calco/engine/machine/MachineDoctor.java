package io.calco.engine.machine;

import io.calco.disk.ImageOptions;
import io.calco.disk.OpenPolicy;
import io.calco.engine.Calco;
import io.calco.engine.DiskImages;
import io.calco.engine.Doctor.Finding;
import io.calco.engine.OperationException;
import io.calco.machine.libvirt.Connection;
import io.calco.machine.libvirt.Domain;
import io.calco.machine.libvirt.DomainXml;
import io.calco.machine.libvirt.Domains;
import io.calco.machine.libvirt.Domains.Description;
import io.calco.machine.libvirt.LibvirtException;
import io.calco.machine.libvirt.StoragePool;
import io.calco.machine.libvirt.StorageVolume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Looks at a libvirt's machines and pools for what somebody did behind its or our back: disks that
/// are gone, and pools that were not looked at since. Changes nothing. Confined.
public final class MachineDoctor {
  private static final Duration PROMPT = Duration.ofSeconds(10); // ours: more means that it hangs

  private final Connection libvirt;
  private final CatalogueDisk.Index index;
  private final List<Finding> findings = new ArrayList<>();

  private MachineDoctor(Calco calco, Connection libvirt) throws IOException {
    this.libvirt = libvirt;
    this.index = CatalogueDisk.Index.of(calco);
  }

  /// What was found at machines and pools.
  ///
  /// @param machines how many were looked at
  public record Examination(int machines, List<Finding> findings) {
    /// Copies the list.
    public Examination {
      findings = List.copyOf(findings);
    }
  }

  /// Looks at a libvirt.
  ///
  /// @param uri its address; what the environment names, else `qemu:///system`, if empty
  /// @return empty where nobody named one and none listens; one that does not answer in time is a
  ///   finding
  public static Optional<Examination> examine(
      Calco calco, Optional<String> uri, Map<String, String> environment) throws IOException {
    try (@Nullable Connection libvirt = LibvirtSearch.find(uri, environment, PROMPT).orElse(null)) {
      return libvirt == null
          ? Optional.empty()
          : Optional.of(new MachineDoctor(calco, libvirt).examine());
    } catch (IOException e) {
      return Optional.of(silent(e));
    }
  }

  private Examination examine() throws IOException {
    List<Domain> domains = libvirt.domains().list();
    for (Domain domain : domains) {
      try {
        examine(domain);
      } catch (LibvirtException e) {
        if (e.reason() != LibvirtException.Reason.NOT_FOUND) { // it went in between
          throw e;
        }
      }
    }
    examinePools();
    return new Examination(domains.size(), findings);
  }

  private void examine(Domain domain) throws IOException {
    Domains domains = libvirt.domains();
    boolean active = domains.state(domain).active();
    for (DomainXml.Disk disk : domains.xml(domain, Description.STORED).disks()) {
      Optional<Path> file = disk.file();
      if (file.isEmpty()) {
        continue;
      }
      if (Files.notExists(file.get())) {
        findMissing(domain, disk, file.get());
      } else {
        findBroken(domain, file.get(), disk.format());
        Path left = CloneMachine.overlay(file.get(), domain.name());
        if (disk.frozen() && !active && Files.exists(left)) {
          find(
              domain,
              "it is frozen, and what its guest wrote before its host lost power is in the way: "
                  + left,
              "calco machine start %s, which clears it away".formatted(domain.name()));
        }
      }
    }
  }

  private void findMissing(Domain domain, DomainXml.Disk disk, Path file) {
    boolean drive = disk.kind() == DomainXml.Disk.Kind.DRIVE;
    find(
        domain,
        "%s is missing: %s".formatted(drive ? "what is in its drive" : "its disk", file),
        drive
            ? "put it back, or take it out: virsh change-media %s %s --eject"
                .formatted(domain.name(), disk.target())
            : "put it back, or: calco machine delete %s --keep-disk".formatted(domain.name()));
  }

  /// The catalogue's own chains are looked at as such.
  private void findBroken(Domain domain, Path file, Optional<String> format) {
    if (index.find(file).isPresent()) {
      return;
    }
    ImageOptions options = ImageOptions.reading().with(OpenPolicy.ownDirectory());
    Optional<Path> below;
    try {
      below = DiskImages.info(file, format.map(options::withFormat).orElse(options)).backingFile();
    } catch (IOException e) {
      return; // no image that we know, or none that this user may read: libvirt's affair
    }
    if (below.isPresent() && Files.notExists(below.get())) {
      find(
          domain,
          "its disk %s rests on %s, which is missing".formatted(file, below.get()),
          "bring %s back from a backup; without it the machine is lost".formatted(below.get()));
    }
  }

  private void find(Domain domain, String problem, String advice) {
    findings.add(new Finding("machine " + domain.name(), problem, List.of(), advice));
  }

  private void examinePools() throws IOException {
    TreeMap<Path, Set<Path>> directories = new TreeMap<>();
    for (Path disk : index.disks().keySet()) {
      directories.computeIfAbsent(disk.resolveSibling(""), _ -> new TreeSet<>()).add(disk);
    }
    for (var directory : directories.entrySet()) {
      Optional<StoragePool> pool = libvirt.pools().find(directory.getKey());
      if (pool.isPresent()) {
        examine(pool.get(), directory.getValue());
      }
    }
  }

  /// @param ours of the catalogue's disks, those that lie in it
  private void examine(StoragePool pool, Set<Path> ours) throws IOException {
    Set<Path> listed = new HashSet<>();
    List<String> gone = new ArrayList<>();
    try {
      for (StorageVolume volume : libvirt.pools().volumes(pool)) {
        Path file = Path.of(volume.key());
        listed.add(CatalogueDisk.real(file));
        if (Files.notExists(file)) {
          gone.add(volume.name());
        }
      }
    } catch (LibvirtException e) {
      return; // it is not in use: nobody looks at what it lists
    }
    List<String> unseen =
        ours.stream()
            .filter(disk -> Files.exists(disk) && !listed.contains(disk))
            .map(disk -> String.valueOf(disk.getFileName()))
            .toList();
    find(pool, "it lists what is gone", gone);
    find(pool, "it does not list what is there", unseen);
  }

  private void find(StoragePool pool, String problem, List<String> names) {
    if (!names.isEmpty()) {
      findings.add(
          new Finding(
              "pool " + pool.name(),
              "%s: %s".formatted(problem, String.join(", ", names)),
              List.of(),
              "virsh pool-refresh " + pool.name()));
    }
  }

  /// Nothing could be looked at.
  private static Examination silent(IOException e) {
    return new Examination(
        0,
        List.of(
            new Finding(
                "libvirt",
                String.valueOf(OperationException.of(e).getMessage()),
                List.of(),
                "look at libvirtd, then again")));
  }
}
