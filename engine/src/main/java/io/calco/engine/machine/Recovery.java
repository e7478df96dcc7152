package io.calco.engine.machine;

import io.calco.disk.BackingReference;
import io.calco.disk.Disk;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.OpenPolicy;
import io.calco.disk.RateLimit;
import io.calco.engine.Calco;
import io.calco.engine.DiskImages;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.nbd.DiskServing;
import io.calco.engine.nbd.ServedDisk;
import io.calco.machine.libvirt.Connection;
import io.calco.machine.libvirt.Domain;
import io.calco.machine.libvirt.DomainXml;
import io.calco.machine.libvirt.Domains.Description;
import io.calco.nbd.NbdAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

/// Starts a machine from a disk that is elsewhere, such as a restore point, at once: it gets an
/// overlay on what this process serves over NBD, and the rest is copied into that while it runs.
/// Then it needs this process no more. Confined.
///
/// Stopped before, the machine is switched off: its disk would fail it. The overlay keeps what its
/// guest wrote and where the disk was served, so that the same again goes on there.
final class Recovery {
  private static final String HOST = "127.0.0.1";
  private static final String FORMAT = "qcow2";

  private final Calco calco;
  private final Connection libvirt;
  private final RecoveryOrder order;

  Recovery(Calco calco, Connection libvirt, RecoveryOrder order) {
    this.calco = calco;
    this.libvirt = libvirt;
    this.order = order;
  }

  /// @param source only read
  /// @param remarks hears when it runs
  /// @throws OperationException when a name or a file is taken; CANCELLED when it was stopped
  void run(Disk source, Consumer<String> remarks, JobContext job) throws IOException {
    Optional<Domain> known = libvirt.domains().find(order.name());
    boolean begun = Files.exists(order.disk());
    if (known.isPresent() && !(begun && has(known.get()))) {
      throw refused("there is a machine %s already".formatted(order.name()), "take another name");
    }
    ServedDisk served = ServedDisk.of("", source.readOnly());
    DiskServing.Order where =
        new DiskServing.Order(
            "%s:%d".formatted(HOST, begun ? port(source) : 0),
            Optional.empty(),
            DiskServing.Clear.REFUSED);
    try (DiskServing serving = DiskServing.start(List.of(served), where)) {
      if (!begun) {
        makeOverlay(source, serving.addresses().getFirst());
      }
      Domain domain = known.isPresent() ? known.get() : define(source, begun, job);
      if (libvirt.domains().state(domain).active()) { // on a disk that failed it when we ended
        libvirt.domains().destroy(domain);
      }
      Domain running = libvirt.domains().start(domain);
      remarks.accept("%s runs; the rest of its disk follows".formatted(order.name()));
      migrate(running, job);
    }
    MachineMaker.refresh(libvirt, List.of(order.disk()));
  }

  private static OperationException refused(String why, String hint) {
    return new OperationException(Kind.REFUSED, why, hint);
  }

  private boolean has(Domain domain) throws IOException {
    Path disk = CatalogueDisk.real(order.disk());
    return libvirt.domains().xml(domain, Description.STORED).disks().stream()
        .anyMatch(one -> one.file().map(CatalogueDisk::real).filter(disk::equals).isPresent());
  }

  /// Where a recovery that was stopped had served the disk.
  private int port(Disk source) throws IOException {
    DiskImages.Report overlay =
        DiskImages.info(order.disk(), ImageOptions.reading().withFormat(FORMAT));
    Optional<String> address =
        overlay.info().backing().map(BackingReference::name).filter(NbdAddress::isAddress);
    if (address.isEmpty() || overlay.virtualSize() != source.size()) {
      throw refused(
          order.disk() + ": exists already, and is no recovery of this disk that was stopped",
          "name another file");
    }
    try {
      if (NbdAddress.parse(address.get()).place() instanceof NbdAddress.Place.Tcp tcp
          && tcp.host().equals(HOST)) {
        return tcp.port();
      }
    } catch (IllegalArgumentException e) {
      // None of ours.
    }
    throw refused(order.disk() + ": rests on another server's disk", "name another file");
  }

  private void makeOverlay(Disk source, String address) throws IOException {
    DiskImages.create(
        order.disk(),
        new DiskImages.NewDisk(
            FORMAT,
            OptionalLong.of(source.size()),
            Optional.of(new BackingReference(address, Optional.of("raw"))),
            DiskImages.Below.TRUSTED,
            Map.of(),
            Optional.empty()),
        OpenPolicy.denyAll());
  }

  private Domain define(Disk source, boolean begun, JobContext job) throws IOException {
    try {
      MachineRequest request =
          order.machine().like().isPresent()
              ? order.machine()
              : order.machine().withDefaults(BootTrial.Subject.find(order.name(), source));
      MachineMaker maker = new MachineMaker(calco, libvirt, request);
      DomainXml machine =
          maker.describe(
              order.name(),
              MachineIdentity.fresh(),
              new MachineMaker.Subject(CatalogueDisk.real(order.disk()), FORMAT));
      return maker.make(machine, job);
    } catch (IOException | RuntimeException e) {
      if (!begun) {
        Files.deleteIfExists(order.disk());
      }
      throw e;
    }
  }

  private void migrate(Domain running, JobContext job) throws IOException {
    try {
      RunningDisk.find(libvirt, order.disk())
          .orElseThrow(() ->
              new OperationException(
                  Kind.SYSTEM, "machine %s has ended already".formatted(order.name())))
          .flatten(RateLimit.of(OptionalLong.empty()), job);
    } catch (IOException | RuntimeException e) {
      end(running, e);
      if (e instanceof CancellationException) {
        throw new OperationException(
            Kind.CANCELLED,
            "stopped: machine %s is switched off, as the rest of its disk was not there yet"
                .formatted(order.name()),
            "the same command goes on with it");
      }
      throw e;
    }
  }

  private void end(Domain running, Exception reason) {
    try {
      libvirt.domains().destroy(running);
    } catch (IOException e) {
      reason.addSuppressed(e); // it has ended by itself
    }
  }
}
