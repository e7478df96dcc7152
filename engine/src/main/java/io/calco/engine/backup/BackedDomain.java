package io.calco.engine.backup;

import io.calco.engine.backup.MachineBackupRequest.Quiesce;
import io.calco.machine.libvirt.Connection;
import io.calco.machine.libvirt.Domain;
import io.calco.machine.libvirt.DomainBackups;
import io.calco.machine.libvirt.DomainBackups.Extent;
import io.calco.machine.libvirt.DomainXml;
import io.calco.machine.libvirt.Domains.Description;
import io.calco.machine.libvirt.LibvirtException;
import io.calco.machine.libvirt.PullBackup;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A machine of libvirt's that is to be backed up. Confined.
final class BackedDomain implements BackedMachine {
  private final Connection libvirt;
  private final Domain domain;
  private @Nullable DomainXml xml;

  BackedDomain(Connection libvirt, Domain domain) {
    this.libvirt = libvirt;
    this.domain = domain;
  }

  @Override
  public String name() {
    return domain.name();
  }

  @Override
  public UUID uuid() {
    return domain.uuid();
  }

  @Override
  public boolean running() {
    return domain.id() >= 0;
  }

  private DomainXml xml() throws IOException {
    DomainXml known = xml;
    if (known == null) {
      known = libvirt.domains().xml(domain, Description.LIVE);
      xml = known;
    }
    return known;
  }

  @Override
  public List<DomainXml.Disk> disks() throws IOException {
    return xml().writtenDisks();
  }

  @Override
  public String description() throws IOException {
    return libvirt.domains().text(domain, Description.NEXT);
  }

  @Override
  public List<String> checkpoints() throws IOException {
    return libvirt.backups().checkpoints(domain);
  }

  @Override
  public LiveJob begin(String checkpoint, List<PullBackup.Disk> wanted, Quiesce quiesce)
      throws IOException {
    List<String> others =
        xml().disks().stream()
            .filter(disk -> !disk.isWritten())
            .map(DomainXml.Disk::target)
            .toList();
    return DomainLiveJob.begin(libvirt.backups(), domain, checkpoint, wanted, others, quiesce);
  }

  /// At least what libvirt knows of it.
  @Override
  public void forget(String checkpoint) throws IOException {
    DomainBackups backups = libvirt.backups();
    if (!backups.checkpoints(domain).contains(checkpoint)) {
      return;
    }
    try {
      backups.delete(domain, checkpoint, Extent.WHOLE);
    } catch (LibvirtException e) {
      backups.delete(domain, checkpoint, Extent.METADATA);
    }
  }
}
