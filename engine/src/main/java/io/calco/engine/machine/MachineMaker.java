package io.calco.engine.machine;

import io.calco.disk.BesideFile;
import io.calco.disk.FileCopy;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.OpenPolicy;
import io.calco.engine.Calco;
import io.calco.engine.DiskImages;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.machine.Kvm;
import io.calco.machine.MachineSettings;
import io.calco.machine.libvirt.Connection;
import io.calco.machine.libvirt.Domain;
import io.calco.machine.libvirt.DomainTwin;
import io.calco.machine.libvirt.DomainXml;
import io.calco.machine.libvirt.Domains;
import io.calco.machine.libvirt.Domains.Description;
import io.calco.machine.libvirt.MachineNetwork;
import io.calco.machine.libvirt.NewMachine;
import io.calco.machine.libvirt.StoragePool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Makes machines for disks: afresh, or as another one's twins. Knows all machines as they were
/// when it was made. What its disks hold is alike, so one is looked into for all. Confined.
final class MachineMaker {
  private static final MachineNetwork STANDARD_NETWORK = new MachineNetwork.Named("default");

  private final Calco calco;
  private final Connection libvirt;
  private MachineRequest request;
  private final Map<String, DomainXml> machines = new HashMap<>();
  private final Map<Path, String> disks = new HashMap<>();
  private final Set<String> macs = new HashSet<>();
  private final Optional<DomainXml> original;

  /// @throws OperationException when there is no machine to make twins of, or they would share a
  ///   disk
  MachineMaker(Calco calco, Connection libvirt, MachineRequest request) throws IOException {
    this.calco = calco;
    this.libvirt = libvirt;
    this.request = request;
    Domains domains = libvirt.domains();
    for (Domain domain : domains.list()) {
      DomainXml xml = domains.xml(domain, Description.STORED);
      machines.put(domain.name(), xml);
      xml.cards()
          .forEach(card -> card.mac().ifPresent(mac -> macs.add(mac.toLowerCase(Locale.ROOT))));
      for (DomainXml.Disk disk : xml.disks()) {
        disk.file().ifPresent(file -> disks.put(CatalogueDisk.real(file), domain.name()));
      }
    }
    original = request.like().map(this::get);
    original.ifPresent(MachineMaker::requireOneDisk);
  }

  private DomainXml get(String name) {
    return Optional.ofNullable(machines.get(name))
        .orElseThrow(() ->
            new OperationException(
                Kind.NOT_FOUND, "there is no machine " + name, "see: calco machine list"));
  }

  /// The machine that has a template's disk.
  static Optional<String> machineOf(Calco calco, Connection libvirt, String template)
      throws IOException {
    CatalogueDisk.Index index = CatalogueDisk.Index.of(calco);
    for (Domain domain : libvirt.domains().list()) {
      boolean has =
          libvirt.domains().xml(domain, Description.STORED).disks().stream()
              .flatMap(disk -> disk.file().flatMap(index::find).stream())
              .anyMatch(owner ->
                  owner instanceof CatalogueDisk.OfTemplate of && of.name().equals(template));
      if (has) {
        return Optional.of(domain.name());
      }
    }
    return Optional.empty();
  }

  private static void requireOneDisk(DomainXml machine) {
    int count = machine.writtenDisks().size();
    if (count != 1) {
      throw new OperationException(
          Kind.UNSUPPORTED,
          "machine %s has %d disks, and a twin gets one".formatted(machine.name(), count),
          "name a machine with one disk with --like");
    }
  }

  /// Makes sure that names are free.
  void requireFree(List<String> names) {
    for (String name : names) {
      if (machines.containsKey(name)) {
        throw new OperationException(
            Kind.REFUSED,
            "there is a machine %s already".formatted(name),
            "take another name, or see: calco machine show " + name);
      }
    }
  }

  /// A disk that a machine is made for.
  ///
  /// @param format of its file
  record Subject(Path disk, String format) {}

  /// Looks at a disk.
  ///
  /// @param stated its format, when that is known
  /// @throws OperationException when it is a template's, or another machine has it
  Subject subject(Path disk, Optional<String> stated) throws IOException {
    Subject subject = look(calco, disk, stated);
    String other = disks.get(subject.disk());
    if (other != null) {
      throw taken(subject.disk(), other);
    }
    return subject;
  }

  static OperationException taken(Path disk, String machine) {
    return new OperationException(
        Kind.REFUSED,
        "%s: machine %s has it already".formatted(disk, machine),
        "see: calco machine show " + machine);
  }

  /// Looks at a disk, whatever machine has it.
  static Subject look(Calco calco, Path disk, Optional<String> stated) throws IOException {
    Path file = CatalogueDisk.real(disk);
    Optional<CatalogueDisk> owner = CatalogueDisk.Index.of(calco).find(file);
    if (owner.isPresent() && owner.get() instanceof CatalogueDisk.OfTemplate template) {
      throw new OperationException(
          Kind.REFUSED,
          "%s is the sealed disk of %s".formatted(file, template),
          "make a clone of it: calco clone create %s NAME".formatted(template.name()));
    }
    ImageOptions options = ImageOptions.reading().with(calco.widened(OpenPolicy.ownDirectory()));
    ImageOptions opened = stated.map(options::withFormat).orElse(options);
    return new Subject(file, DiskImages.chainInfo(file, opened).getFirst().format());
  }

  /// Describes a machine.
  DomainXml describe(String name, MachineIdentity identity, Subject subject) throws IOException {
    DomainTwin.File file = new DomainTwin.File(subject.disk(), subject.format());
    if (original.isEmpty()) {
      return fresh(name, identity, subject, file);
    }
    DomainXml model = original.get();
    return twin(name, identity, file, model).of(model);
  }

  private DomainTwin twin(
      String name, MachineIdentity identity, DomainTwin.File file, DomainXml model) {
    return new DomainTwin(
        name,
        identity.uuid(),
        identity.macs(model.cards().size(), macs),
        Map.of(model.writtenDisks().getFirst().target(), file),
        request.memory().isPresent() ? Optional.of(request.memory().getAsLong()) : Optional.empty(),
        request.processors(),
        request.network());
  }

  private DomainXml fresh(
      String name, MachineIdentity identity, Subject subject, DomainTwin.File file)
      throws IOException {
    request = withDefaults(calco, request, name, subject);
    MachineSettings defaults = MachineSettings.defaults();
    return new NewMachine(
            name,
            identity.uuid(),
            type(),
            request.memory().orElse((long) defaults.memoryMiB() << 20),
            request.processors().orElse(defaults.processors()),
            request.firmware().orElseThrow(),
            file,
            request.bus().orElseThrow(),
            request.network().orElse(STANDARD_NETWORK),
            identity.macs(1, macs).getFirst())
        .xml();
  }

  /// A request with what the disk's guest needs where nothing is stated.
  static MachineRequest withDefaults(
      Calco calco, MachineRequest request, String name, Subject subject) throws IOException {
    if (request.firmware().isPresent() && request.bus().isPresent()) {
      return request;
    }
    ImageOptions options =
        ImageOptions.reading()
            .withFormat(subject.format())
            .with(calco.widened(OpenPolicy.ownDirectory()));
    try (Image image = Image.open(subject.disk(), options)) {
      return request.withDefaults(BootTrial.Subject.find(name, image.disk()));
    }
  }

  /// By what libvirt says of its host, and by what guests say who were started here, unless it is
  /// stated.
  private NewMachine.Type type() throws IOException {
    boolean kvm =
        switch (request.accelerator()) {
          case AUTO -> libvirt.capabilities().kvm("x86_64") && !knownNotToRun();
          case KVM -> true;
          case TCG -> false;
        };
    return kvm ? NewMachine.Type.KVM : NewMachine.Type.QEMU;
  }

  /// libvirt may open what this user may not, and may have a QEMU elsewhere.
  private static boolean knownNotToRun() {
    return switch (Kvm.ofThisHost()) {
      case ABSENT, BROKEN -> true;
      case WORKS, CLOSED, UNTRIED -> false;
    };
  }

  /// Makes a machine, and its own copy of the original's firmware variables before it.
  Domain make(DomainXml machine, JobContext job) throws IOException {
    Optional<Path> from = original.flatMap(DomainXml::nvram).filter(Files::exists);
    Optional<Path> to = machine.nvram();
    if (from.isEmpty() || to.isEmpty()) {
      return libvirt.domains().define(machine); // libvirt makes them at the first start
    }
    try (BesideFile copy = BesideFile.of(to.get())) {
      FileCopy.copy(from.get(), copy.path(), job);
      copy.publish();
    }
    try {
      return libvirt.domains().define(machine);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(to.get());
      throw e;
    }
  }

  /// Has libvirt see new files, where they lie in a pool of its.
  static void refresh(Connection libvirt, List<Path> files) throws IOException {
    Set<Path> directories = new HashSet<>();
    for (Path file : files) {
      Path directory = file.toAbsolutePath().resolveSibling("");
      if (directories.add(directory)) {
        Optional<StoragePool> pool = libvirt.pools().find(directory);
        if (pool.isPresent()) {
          libvirt.pools().refresh(pool.get());
        }
      }
    }
  }

  /// Takes machines back that were just made.
  void unmake(List<Domain> made, Exception reason) {
    for (Domain domain : made.reversed()) {
      try {
        libvirt.domains().undefine(domain, Domains.Nvram.DELETE);
      } catch (IOException e) {
        reason.addSuppressed(e);
      }
    }
  }
}
