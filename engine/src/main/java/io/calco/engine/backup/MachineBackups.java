package io.calco.engine.backup;

import io.calco.backup.DiskDivision;
import io.calco.backup.DomainDisk;
import io.calco.backup.EarlierPoint;
import io.calco.backup.NewPoint;
import io.calco.backup.Origin;
import io.calco.backup.RestorePoint;
import io.calco.backup.RestorePoints;
import io.calco.backup.Since;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.engine.NamePattern;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.machine.PlainMachine;
import io.calco.machine.PlainMachines;
import io.calco.machine.libvirt.Connection;
import io.calco.machine.libvirt.Domain;
import io.calco.machine.libvirt.DomainXml;
import io.calco.machine.libvirt.Domains.Description;
import io.calco.machine.libvirt.LibvirtException;
import io.calco.machine.libvirt.PullBackup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Backs machines of libvirt's or of QEMU's alone up, running or not: a point for each disk that
/// the machine can write, all of one instant.
///
/// A running machine's disks are read from QEMU as they were when the backup began, while it runs
/// on. At the same instant a checkpoint is made, so that QEMU can tell the next backup what was
/// written; a repository has one of each machine, under a name of its own.
///
/// Thread rule: safe for several threads at once, with different machines.
public final class MachineBackups {
  private static final int XML_MAX = 200_000; // ours: a root has 1 MiB
  private static final String SOURCE = "machine:";
  private static final System.Logger LOG = System.getLogger(MachineBackups.class.getName());

  private final BackupRepository repository;
  private final Finder machines;
  private final String prefix;

  /// Whoever keeps machines.
  private interface Finder {
    Optional<? extends BackedMachine> find(String name) throws IOException;
  }

  /// Of libvirt's machines to a repository; both stay their openers' to close.
  public MachineBackups(BackupRepository repository, Connection libvirt) {
    this(
        repository,
        (Finder)
            name -> libvirt.domains().find(name).map(domain -> new BackedDomain(libvirt, domain)));
  }

  /// Of QEMU's alone; the repository stays its opener's to close.
  public MachineBackups(BackupRepository repository, PlainMachines machines) {
    this(
        repository,
        (Finder)
            name -> {
              Optional<PlainMachine> found = machines.find(name);
              return found.isPresent()
                  ? Optional.of(new BackedPlainMachine(machines, found.get()))
                  : Optional.empty();
            });
  }

  private MachineBackups(BackupRepository repository, Finder machines) {
    this.repository = repository;
    this.machines = machines;
    this.prefix = "calco-%s-".formatted(repository.store().id().toString().substring(0, 8));
  }

  /// The name of a machine that is meant by a source: `machine:NAME`.
  public static Optional<String> machine(String source) {
    return source.startsWith(SOURCE) && source.length() > SOURCE.length()
        ? Optional.of(source.substring(SOURCE.length()))
        : Optional.empty();
  }

  /// The source that means a machine: `machine:NAME`.
  public static String source(String machine) {
    return SOURCE + machine;
  }

  /// The machine that a point is of, by where its bytes came from: `machine:NAME/TARGET`.
  public static Optional<String> machineOf(String origin) {
    int end = origin.lastIndexOf('/');
    return end < 0 ? Optional.empty() : machine(origin.substring(0, end));
  }

  /// The machines that a pattern means now and that have a disk which they can write.
  ///
  /// @param pattern as [NamePattern#select] has it
  /// @throws OperationException NOT_FOUND when there is none
  public static List<String> select(Connection libvirt, String pattern) throws IOException {
    List<String> there = new ArrayList<>();
    for (Domain domain : libvirt.domains().list()) {
      try {
        if (!libvirt.domains().xml(domain, Description.LIVE).writtenDisks().isEmpty()) {
          there.add(domain.name());
        }
      } catch (LibvirtException e) {
        if (e.reason() != LibvirtException.Reason.NOT_FOUND) { // it went in between
          throw e;
        }
      }
    }
    Collections.sort(there);
    return NamePattern.select(List.of(pattern), there);
  }

  /// Backs a machine up. When it throws there is no point of it.
  ///
  /// @return the points, in the order of the machine's disks
  /// @throws OperationException NOT_FOUND when there is no such machine, REFUSED when it has no
  ///   disk that could be backed up, or its file systems cannot be held still and must be, BUSY
  ///   when it is being backed up
  public List<RestorePoint> create(MachineBackupRequest request, JobContext job)
      throws IOException {
    return request.how().hooks().around(request.how().source(), () -> createBetween(request, job));
  }

  private List<RestorePoint> createBetween(MachineBackupRequest request, JobContext job)
      throws IOException {
    BackedMachine machine =
        machines
            .find(request.name())
            .orElseThrow(() ->
                new OperationException(
                    Kind.NOT_FOUND,
                    "there is no machine " + request.name(),
                    "see: calco machine list"));
    Backups.checkMachine(machine(request));
    if (!machine.running()) {
      return taking(request, machine, job).atRest();
    }
    try (Look<List<RestorePoint>> points =
        Look.begin("points", () -> repository.points().list().points())) {
      return taking(request, machine, job).live(points);
    }
  }

  private Taking taking(MachineBackupRequest request, BackedMachine machine, JobContext job)
      throws IOException {
    List<DomainXml.Disk> disks = machine.disks();
    if (disks.isEmpty()) {
      throw new OperationException(
          Kind.REFUSED, "machine %s has no disk that it could write".formatted(request.name()));
    }
    return new Taking(request, machine, disks, job);
  }

  private static String machine(MachineBackupRequest request) {
    return request.how().machine().orElse(request.name());
  }

  /// One backup of one machine. Confined.
  private final class Taking {
    private final MachineBackupRequest request;
    private final BackedMachine machine;
    private final List<DomainXml.Disk> disks;
    private final JobContext job;
    private final UUID set = UUID.randomUUID();
    private final String checkpoint = prefix + set;
    private final List<RestorePoint> made = new ArrayList<>();
    private final Optional<String> xml;

    Taking(
        MachineBackupRequest request,
        BackedMachine machine,
        List<DomainXml.Disk> disks,
        JobContext job)
        throws IOException {
      this.request = request;
      this.machine = machine;
      this.disks = disks;
      this.job = job;
      this.xml = Optional.of(machine.description()).filter(text -> text.length() <= XML_MAX);
    }

    List<RestorePoint> atRest() throws IOException {
      Map<DomainXml.Disk, Image> images = new LinkedHashMap<>();
      try {
        for (DomainXml.Disk disk : disks) {
          images.put(disk, openAtRest(disk));
        }
        Instant instant = Instant.now();
        for (Map.Entry<DomainXml.Disk, Image> entry : images.entrySet()) {
          Disk disk = entry.getValue().disk();
          make(entry.getKey(), disk, instant, Origin.State.AT_REST, Goes.alone(List.of()));
        }
        return made;
      } catch (IOException | RuntimeException e) {
        undo(e);
        throw e;
      } finally {
        for (Image image : images.values()) {
          image.close();
        }
      }
    }

    private Image openAtRest(DomainXml.Disk disk) throws IOException {
      Path file =
          disk.file()
              .orElseThrow(() ->
                  new OperationException(
                      Kind.REFUSED,
                      "machine %s: its disk %s is no file, and the machine is off"
                          .formatted(machine.name(), disk.target()),
                      "back it up while it runs"));
      ImageOptions reading = request.how().options().image().with(ImageOptions.Access.READ);
      return Image.open(file, reading.withFormat(disk.format().orElse("raw")));
    }

    /// @param points of the repository; they are read while the machine is looked at
    List<RestorePoint> live(Look<List<RestorePoint>> points) throws IOException {
      List<String> ours =
          machine.checkpoints().stream().filter(name -> name.startsWith(prefix)).toList();
      MachineChain chain = MachineChain.find(points.get(), machine.uuid(), ours);
      job.checkCancelled();
      try {
        try (Look<Map<String, EarlierPoint>> earlier =
                Look.begin("earlier points", () -> look(chain.points()));
            LiveJob live = machine.begin(checkpoint, wanted(chain), request.quiesce())) {
          Instant instant = Instant.now();
          for (DomainXml.Disk disk : disks) {
            makeLive(disk, instant, live, chain, earlier);
          }
        }
      } catch (IOException | RuntimeException e) {
        undo(e);
        forget(checkpoint);
        throw e;
      }
      ours.forEach(this::forget);
      return made;
    }

    private Map<String, EarlierPoint> look(Map<String, RestorePoint> points) throws IOException {
      Map<String, EarlierPoint> earlier = new HashMap<>();
      for (Map.Entry<String, RestorePoint> point : points.entrySet()) {
        earlier.put(point.getKey(), repository.points().earlier(point.getValue()));
      }
      return earlier;
    }

    private List<PullBackup.Disk> wanted(MachineChain chain) {
      return disks.stream()
          .map(disk ->
              new PullBackup.Disk(
                  disk.target(),
                  chain.points().containsKey(disk.target()) ? chain.checkpoint() : Optional.empty(),
                  disk.format().equals(Optional.of("qcow2")),
                  scratch(disk)))
          .toList();
    }

    private Path scratch(DomainXml.Disk disk) {
      Optional<Path> directory =
          request
              .scratch()
              .map(Path::toAbsolutePath)
              .or(() -> disk.file().filter(file -> !file.startsWith("/dev")).map(Path::getParent));
      return directory
          .orElseThrow(() ->
              new OperationException(
                  Kind.USAGE,
                  "machine %s: its disk %s is no file, beside which what it overwrites meanwhile could be kept"
                      .formatted(machine.name(), disk.target()),
                  "name a directory that QEMU may write: --scratch DIR"))
          .resolve("%s.%s.scratch".formatted(checkpoint, disk.target()));
    }

    private void makeLive(
        DomainXml.Disk facts,
        Instant instant,
        LiveJob live,
        MachineChain chain,
        Look<Map<String, EarlierPoint>> looks)
        throws IOException {
      PullBackup.Disk begun = live.disk(facts.target());
      try (Disk disk = live.open(facts.target())) {
        List<String> warnings = new ArrayList<>();
        Optional<Since> since = Optional.empty();
        @Nullable RestorePoint earlier = chain.points().get(facts.target());
        if (earlier != null && begun.since().isPresent()) {
          since = since(earlier, looks, disk, live, warnings);
        } else if (earlier != null) {
          warnings.add(inFull(live.refused().orElse("it is not known what was written")));
        } else {
          chain.broken().ifPresent(why -> warnings.add(inFull(why)));
        }
        if (facts.format().equals(Optional.of("qcow2")) && !begun.tracked()) {
          warnings.add(
              "the next backup will read the disk in full: "
                  + live.refused().orElse("no checkpoint"));
        }
        make(
            facts,
            disk,
            instant,
            live.frozen() ? Origin.State.FROZEN : Origin.State.IN_USE,
            new Goes(
                begun.tracked() ? Optional.of(checkpoint) : Optional.empty(), since, warnings));
      }
    }

    private static String inFull(String why) {
      return "the disk was read in full: " + why;
    }

    private Optional<Since> since(
        RestorePoint point,
        Look<Map<String, EarlierPoint>> looks,
        Disk disk,
        LiveJob live,
        List<String> warnings)
        throws IOException {
      if (point.disk().size() != disk.size()) {
        warnings.add(
            inFull("it has %d bytes now, and had %d".formatted(disk.size(), point.disk().size())));
        return Optional.empty();
      }
      String target = point.domain().orElseThrow().target();
      try {
        EarlierPoint earlier = Objects.requireNonNull(looks.get().get(target));
        return Optional.of(new Since(earlier, live.written(target)));
      } catch (DiskException e) {
        warnings.add(inFull(String.valueOf(e.getMessage())));
        return Optional.empty();
      }
    }

    /// What a point goes on from, and what goes on from it.
    private record Goes(Optional<String> checkpoint, Optional<Since> since, List<String> warnings) {
      static Goes alone(List<String> warnings) {
        return new Goes(Optional.empty(), Optional.empty(), warnings);
      }
    }

    private void make(
        DomainXml.Disk facts, Disk disk, Instant instant, Origin.State state, Goes goes)
        throws IOException {
      BackupRequest how = request.how();
      try (Look<InstalledSystems> look = Look.begin(how, disk)) {
        DiskDivision division = DiskDivision.of(disk, how.coverage());
        RestorePoints.Description description = () -> describe(facts, state, goes, look.get());
        RestorePoints.Identity identity = new RestorePoints.Identity(UUID.randomUUID(), instant);
        made.add(
            goes.since().isPresent()
                ? repository
                    .points()
                    .create(division, Set.of(), identity, goes.since().get(), description, job)
                : repository.points().create(division, Set.of(), identity, description, job));
      }
    }

    private NewPoint describe(
        DomainXml.Disk facts, Origin.State state, Goes goes, InstalledSystems installed) {
      List<String> warnings = new ArrayList<>(goes.warnings());
      warnings.addAll(installed.warnings());
      if (xml.isEmpty()) {
        warnings.add("the machine's description is too long to be kept");
      }
      return new NewPoint(
          machine(request),
          request.how().remarks(),
          new Origin(
              Backups.hostName(),
              System.getProperty("user.name", ""),
              "%s/%s".formatted(source(machine.name()), facts.target()),
              Origin.Kind.IMAGE,
              facts.format(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              state),
          installed.system(),
          repository.keys(installed),
          warnings,
          Optional.empty(),
          Optional.empty(),
          Optional.of(
              new DomainDisk(
                  machine.name(),
                  machine.uuid(),
                  facts.target(),
                  set,
                  disks.stream().map(DomainXml.Disk::target).toList(),
                  goes.checkpoint(),
                  xml)),
          installed.packages());
    }

    /// Half a machine is no backup.
    private void undo(Exception cause) {
      try {
        repository.points().remove(made);
      } catch (IOException | RuntimeException e) {
        cause.addSuppressed(e);
      }
    }

    /// Deletes a checkpoint; what stays is deleted by the next backup.
    private void forget(String unwanted) {
      try {
        machine.forget(unwanted);
      } catch (IOException e) {
        LOG.log(System.Logger.Level.DEBUG, "the checkpoint stays: " + unwanted, e);
      }
    }
  }
}
