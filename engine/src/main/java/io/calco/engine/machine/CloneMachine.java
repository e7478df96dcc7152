package io.calco.engine.machine;

import io.calco.catalog.Clone;
import io.calco.engine.Calco;
import io.calco.machine.libvirt.Connection;
import io.calco.machine.libvirt.Domain;
import io.calco.machine.libvirt.DomainState;
import io.calco.machine.libvirt.DomainXml;
import io.calco.machine.libvirt.Domains;
import io.calco.machine.libvirt.Domains.Description;
import io.calco.machine.libvirt.LibvirtException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// The machine that runs a clone, as it was when libvirt was asked.
///
/// @param ofClone the clone's name
/// @param name the machine's, most often the same
/// @param uuid the machine's
/// @param state what it does
/// @param frozen what its guest writes lasts until it is off
/// @param disks how many disks of its own it has; the clone's is one
public record CloneMachine(
    String ofClone, String name, UUID uuid, DomainState state, boolean frozen, int disks) {
  private static final String OVERLAY = ".TRANSIENT-"; // libvirt's, qemu_snapshot.c

  /// The file that holds what the guest of a frozen machine writes, beside its disk, until libvirt
  /// deletes it when the machine ends.
  static Path overlay(Path disk, String machine) {
    return disk.resolveSibling(disk.getFileName() + OVERLAY + machine);
  }

  /// The disk that lies below what the guest of a frozen machine writes; other files are their own.
  static Path below(Path file, String machine) {
    String name = String.valueOf(file.getFileName());
    String ending = OVERLAY + machine;
    return name.length() > ending.length() && name.endsWith(ending)
        ? file.resolveSibling(name.substring(0, name.length() - ending.length()))
        : file;
  }

  /// The machines of all clones that have one, by the clones' names; of several that share a disk
  /// the one that is active.
  static Map<String, CloneMachine> ask(Calco calco, Connection libvirt) throws IOException {
    Map<Path, String> clones = new HashMap<>();
    for (Clone clone : calco.catalog().clones()) {
      clones.put(CatalogueDisk.real(clone.disk()), clone.name());
    }
    Map<String, CloneMachine> machines = new HashMap<>();
    if (clones.isEmpty()) {
      return machines;
    }
    Domains domains = libvirt.domains();
    for (Domain domain : domains.list()) {
      try {
        of(domains, domain, clones)
            .ifPresent(machine ->
                machines.merge(
                    machine.ofClone(),
                    machine,
                    (one, other) -> other.state().active() ? other : one));
      } catch (LibvirtException e) {
        if (e.reason() != LibvirtException.Reason.NOT_FOUND) { // it went in between
          throw e;
        }
      }
    }
    return machines;
  }

  private static Optional<CloneMachine> of(Domains domains, Domain domain, Map<Path, String> clones)
      throws IOException {
    DomainXml xml = domains.xml(domain, Description.STORED);
    for (DomainXml.Disk disk : xml.disks()) {
      String clone =
          disk.file()
              .map(file -> clones.get(CatalogueDisk.real(below(file, domain.name()))))
              .orElse(null);
      if (clone != null) {
        return Optional.of(
            new CloneMachine(
                clone,
                domain.name(),
                domain.uuid(),
                domains.state(domain),
                disk.frozen(),
                xml.writtenDisks().size()));
      }
    }
    return Optional.empty();
  }
}
