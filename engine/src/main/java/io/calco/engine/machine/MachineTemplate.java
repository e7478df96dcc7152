package io.calco.engine.machine;

import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.TemplateRequest;
import io.calco.engine.Templates;
import io.calco.machine.libvirt.Connection;
import io.calco.machine.libvirt.Domain;
import io.calco.machine.libvirt.DomainXml;
import io.calco.machine.libvirt.Domains;
import io.calco.machine.libvirt.Domains.Description;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A machine that is to become a template: its own disk is generalised and sealed, so that it
/// cannot be started any more, and it is renamed, so that everybody sees why. Clones of the
/// template become its twins. Confined.
public final class MachineTemplate {
  private static final String SUFFIX = "-template";

  private final Calco calco;
  private final Connection libvirt;
  private final Domain domain;
  private final DomainXml.Disk disk;

  private MachineTemplate(Calco calco, Connection libvirt, Domain domain, DomainXml.Disk disk) {
    this.calco = calco;
    this.libvirt = libvirt;
    this.domain = domain;
    this.disk = disk;
  }

  /// @throws OperationException when it is not off, has more than a disk, or is kept from being
  ///   renamed
  static MachineTemplate of(Calco calco, Connection libvirt, Domain domain) throws IOException {
    Domains domains = libvirt.domains();
    String name = domain.name();
    if (domains.state(domain).active()) {
      throw refused(
          "machine %s is %s".formatted(name, domains.state(domain).label()),
          "shut it down first: calco machine stop " + name);
    }
    if (domains.saved(domain)) {
      throw refused(
          "machine %s has a saved state, which a generalised disk does not fit".formatted(name),
          "start it and shut it down, or: virsh managedsave-remove " + name);
    }
    if (domains.snapshots(domain) > 0) {
      throw refused(
          "machine %s has snapshots, which hold what is to be taken out".formatted(name),
          "delete them first; see: virsh snapshot-list " + name);
    }
    if (domains.find(renamed(name)).isPresent()) {
      throw refused(
          "there is a machine %s already".formatted(renamed(name)), "rename or delete it first");
    }
    List<DomainXml.Disk> disks = domains.xml(domain, Description.STORED).writtenDisks();
    if (disks.size() != 1 || disks.getFirst().file().isEmpty()) {
      throw new OperationException(
          Kind.UNSUPPORTED,
          "machine %s has %d disks, and a template is made of one in a file"
              .formatted(name, disks.size()),
          "name the disk: calco template create DISK --name NAME");
    }
    return new MachineTemplate(calco, libvirt, domain, disks.getFirst());
  }

  private static OperationException refused(String why, String hint) {
    return new OperationException(Kind.REFUSED, why, hint);
  }

  private static String renamed(String name) {
    return name.endsWith(SUFFIX) ? name + "-2" : name + SUFFIX;
  }

  /// Its disk.
  public Path disk() {
    return disk.file().orElseThrow();
  }

  /// What the machine will be called.
  public String renamed() {
    return renamed(domain.name());
  }

  /// Makes the template, then takes the machine out of use.
  public Templates.Created create(String name, TemplateRequest request, JobContext job)
      throws IOException {
    Templates.Created created =
        calco
            .templates()
            .create(
                name,
                disk.format().map(request::inPlace).orElseGet(() -> request.inPlace("raw")),
                job);
    Domains domains = libvirt.domains();
    domains.autostart(domain, false);
    domains.rename(domain, renamed());
    MachineMaker.refresh(libvirt, List.of(disk()));
    return created;
  }
}
