package io.calco.engine.machine;

import io.calco.disk.ImageLock;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.machine.libvirt.Domain;
import io.calco.machine.libvirt.DomainXml;
import io.calco.machine.libvirt.Domains;
import io.calco.machine.libvirt.Domains.Description;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What becomes of what a machine's guest writes, and what else libvirt keeps that rests on it.
record GuestWrites(Domains domains) {

  /// Freezes a machine that is off, or thaws it.
  void freeze(Domain domain, Machines.Frozen how) throws IOException {
    if (domains.state(domain).active()) {
      throw new OperationException(
          Kind.REFUSED,
          "machine %s is %s".formatted(domain.name(), domains.state(domain).label()),
          "stop it first: calco machine stop " + domain.name());
    }
    requireNoSnapshots(domain);
    if (domains.saved(domain)) {
      throw new OperationException(
          Kind.REFUSED,
          "machine %s has saved memory".formatted(domain.name()),
          "start and stop it, or forget that: virsh managedsave-remove " + domain.name());
    }
    DomainXml xml = domains.xml(domain, Description.STORED);
    domains.define(xml.withFrozen(how == Machines.Frozen.FROZEN));
  }

  /// Makes sure that a machine has no snapshots.
  void requireNoSnapshots(Domain domain) throws IOException {
    int count = domains.snapshots(domain);
    if (count > 0) {
      throw new OperationException(
          Kind.REFUSED,
          "machine %s has %d snapshots of its disk".formatted(domain.name(), count),
          "delete them first: virsh snapshot-delete " + domain.name());
    }
  }

  /// Forgets a machine's saved memory, when there is any: it belongs to a disk that is gone.
  void forgetSaved(Domain domain) throws IOException {
    if (domains.saved(domain)) {
      domains.forgetSaved(domain);
    }
  }

  /// A frozen machine whose host lost its power left what its guest wrote, and libvirt does not
  /// start it again before that is gone.
  void clear(Domain domain) throws IOException {
    if (domains.state(domain).active()) {
      return;
    }
    for (DomainXml.Disk disk : domains.xml(domain, Description.STORED).disks()) {
      Optional<Path> left =
          disk.file()
              .filter(_ -> disk.frozen())
              .map(file -> CloneMachine.overlay(file, domain.name()))
              .filter(Files::isRegularFile);
      if (left.isPresent()) {
        ImageLock.requireUnused(left.get());
        Files.delete(left.get());
      }
    }
  }
}
