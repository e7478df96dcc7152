package io.calco.engine.plan;

import io.calco.backup.RestorePoint;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.OpenPolicy;
import io.calco.engine.GuestOptions;
import io.calco.engine.NamePattern;
import io.calco.engine.OperationException;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.BackupRequest;
import io.calco.engine.backup.Backups;
import io.calco.engine.backup.Hooks;
import io.calco.engine.backup.MachineBackupRequest;
import io.calco.engine.backup.MachineBackups;
import io.calco.engine.machine.Machines;
import io.calco.engine.plan.PlanRepository.Filling;
import io.calco.engine.plan.RunRecord.Done;
import io.calco.machine.libvirt.Connection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a run of a plan backs up: its disks, and the machines that its patterns mean now. Confined.
final class PlanBackups {
  private final Plan plan;
  private final PlanSettings settings;
  private final ImageOptions reading;
  private final RunRecord record;
  private final JobContext job;

  /// @param reading how images are opened
  PlanBackups(
      Plan plan, PlanSettings settings, ImageOptions reading, RunRecord record, JobContext job) {
    this.plan = plan;
    this.settings = settings;
    this.reading = reading;
    this.record = record;
    this.job = job;
  }

  /// What a source means now: its disk, or `machine:NAME` for each machine.
  ///
  /// @throws OperationException NOT_FOUND when no machine is called so
  static List<String> names(PlanSource source) throws IOException {
    return source.pattern().isEmpty()
        ? List.of(source.path())
        : machines(source, source.pattern().get()).stream().map(MachineBackups::source).toList();
  }

  private static List<String> machines(PlanSource source, String pattern) throws IOException {
    if (!NamePattern.isWild(pattern)) {
      return NamePattern.expand(List.of(pattern));
    }
    try (Connection libvirt = connect(source)) {
      return MachineBackups.select(libvirt, pattern);
    }
  }

  private static Connection connect(PlanSource source) throws IOException {
    return Machines.connect(source.machines().flatMap(PlanMachines::connect), System.getenv());
  }

  /// Does it; what fails stops nothing else.
  void run() throws IOException {
    List<Work> all = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (PlanSource source : plan.sources()) {
      all.addAll(work(source, taken));
    }
    for (PlanRepository repository : plan.filledBy(Filling.BACKUP)) {
      for (Work work : all) {
        record.step(
            StepKind.BACKUP,
            work.name() + " → " + repository.address(),
            () -> work.run().to(repository));
      }
    }
  }

  /// A disk or a machine.
  ///
  /// @param name as the step's record has it
  private record Work(String name, Backup run) {}

  /// Backs it up.
  @FunctionalInterface
  private interface Backup {
    Done to(PlanRepository repository) throws IOException;
  }

  /// @param taken machines that an earlier source means already
  private List<Work> work(PlanSource source, Set<String> taken) throws IOException {
    if (source.pattern().isEmpty()) {
      return List.of(new Work(source.path(), repository -> backUp(source, repository)));
    }
    List<String> machines;
    try {
      machines = machines(source, source.pattern().get());
    } catch (IOException | RuntimeException e) {
      OperationException failure = OperationException.of(e);
      return List.of(
          new Work(
              source.path(),
              _ -> {
                throw failure;
              }));
    }
    if (!machines.equals(source.pattern().stream().toList())) {
      record.log("%s means %s".formatted(source.path(), String.join(", ", machines)));
    }
    return machines.stream()
        .filter(taken::add)
        .map(name ->
            new Work(MachineBackups.source(name), repository -> backUp(name, source, repository)))
        .toList();
  }

  private BackupRequest request(String name, PlanSource source) {
    OpenPolicy policy = reading.policy();
    for (String directory : source.allow()) {
      policy = policy.allowing(Path.of(directory));
    }
    ImageOptions widened = reading.with(policy);
    return new BackupRequest(
        Path.of(name),
        GuestOptions.of(source.format().map(widened::withFormat).orElse(widened)),
        source.machine(),
        source.coverage(),
        Set.copyOf(source.partitions()),
        new PlanPoints(plan, Backups.hostName()).remarks(),
        source.use(),
        source.look(),
        Optional.empty(),
        Hooks.none(),
        source.tracking());
  }

  private Done backUp(PlanSource source, PlanRepository repository) throws IOException {
    try (Opened opened = Opened.open(plan, repository, settings.repositories())) {
      return done(
          List.of(new Backups(opened.repository()).create(request(source.path(), source), job)));
    }
  }

  /// All disks of a machine, of one instant.
  private Done backUp(String machine, PlanSource source, PlanRepository repository)
      throws IOException {
    PlanMachines how = source.machines().orElseGet(PlanMachines::usual);
    MachineBackupRequest request =
        new MachineBackupRequest(
            machine,
            how.quiesce(),
            how.scratch().map(Path::of),
            request(MachineBackups.source(machine), source));
    try (Opened opened = Opened.open(plan, repository, settings.repositories());
        Connection libvirt = connect(source)) {
      return done(new MachineBackups(opened.repository(), libvirt).create(request, job));
    }
  }

  private Done done(List<RestorePoint> made) throws IOException {
    List<String> names = new ArrayList<>();
    long stored = 0;
    long data = 0;
    long fresh = 0;
    for (RestorePoint point : made) {
      String target = point.domain().map(domain -> " " + domain.target()).orElse("");
      for (String warning : point.warnings()) {
        record.log(
            "warning: %s%s%s".formatted(target.strip(), target.isEmpty() ? "" : ": ", warning));
      }
      names.add("%s of %s%s".formatted(BackupRepository.shortId(point), point.machine(), target));
      stored += point.work().stored();
      data += point.work().data();
      fresh += point.work().fresh();
    }
    long known = made.stream().mapToLong(point -> point.work().known().orElse(0)).sum();
    return new Done(
        stored,
        "%s, %d bytes of data, %s%d new"
            .formatted(
                String.join(", ", names),
                data,
                known > 0 ? "%d read, ".formatted(data - known) : "",
                fresh));
  }
}
