package io.calco.engine.plan;

import io.calco.backup.RestorePoint;
import io.calco.backup.Retention;
import io.calco.catalog.PlanRecords;
import io.calco.catalog.plan.ReadingEntry;
import io.calco.disk.JobContext;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import io.calco.engine.plan.PlanRepository.Filling;
import io.calco.engine.plan.RunRecord.Done;
import io.calco.store.CollectionReport;
import io.calco.store.StoreReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;

/// One run of a plan. Each repository is opened for each step anew: one that has gone away in
/// between fails that step alone. Confined.
final class PlanRun {
  private static final System.Logger LOG = System.getLogger(PlanRun.class.getName());
  private static final String GROWS = "the repository is append-only: nothing is taken from it";

  private final Plan plan;
  private final PlanSettings settings;
  private final PlanRecords records;
  private final PlanPoints points;
  private final Sight sight;
  private final RunRecord record;
  private final PlanBackups backups;
  private final JobContext job;

  PlanRun(
      Plan plan,
      PlanSettings settings,
      PlanRecords records,
      RunRecord record,
      PlanBackups backups,
      JobContext job) {
    this.plan = plan;
    this.settings = settings;
    this.records = records;
    this.record = record;
    this.backups = backups;
    this.job = job;
    this.sight = new Sight(plan, settings, records);
    this.points = new PlanPoints(plan, Backups.hostName());
  }

  /// Does all steps.
  void run() throws IOException {
    backups.run();
    for (PlanRepository repository : plan.filledBy(Filling.COPY)) {
      record.step(StepKind.COPY, "→ " + repository.address(), () -> copy(repository));
    }
    for (PlanRepository repository : plan.repositories()) {
      lookAfter(repository);
    }
  }

  private void lookAfter(PlanRepository repository) throws IOException {
    String address = repository.address();
    if (!repository.keep().keepsAll()
        && record.step(StepKind.FORGET, address, () -> forget(repository))) {
      record.step(StepKind.PRUNE, address, () -> prune(repository));
    }
    if (plan.readDays().isPresent()) {
      verify(repository, plan.readDays().get());
    }
    if (plan.testDays().isPresent()) {
      for (String disk : disks(repository)) {
        test(disk, repository, plan.testDays().get());
      }
    }
    record.step(
        StepKind.LOOK,
        address,
        () -> {
          try (Opened opened = open(repository)) {
            return new Done(0, sight.remember(repository, opened.repository()));
          }
        });
  }

  private Opened open(PlanRepository repository) throws IOException {
    return Opened.open(plan, repository, settings.repositories());
  }

  /// Copies what the rule there would keep and is not there.
  private Done copy(PlanRepository to) throws IOException {
    try (Opened target = open(to);
        Opened source = openAny()) {
      List<RestorePoint> there = PlanPoints.all(target.repository());
      List<RestorePoint> here = PlanPoints.all(source.repository());
      Set<String> known = new HashSet<>();
      there.forEach(point -> known.add(point.id().toString()));
      Copying copying = new Copying();
      List<RestorePoint> all = new ArrayList<>(there);
      here.stream().filter(point -> !known.contains(point.id().toString())).forEach(all::add);
      for (PlanDisk disk : points.disks(all)) {
        for (Retention.Verdict verdict : points.judge(disk.points(), to.keep())) {
          if (verdict.kept() && !known.contains(verdict.point().id().toString())) {
            copying.copy(verdict.point(), source, target);
          }
        }
      }
      return copying.done();
    }
  }

  /// Copies points one by one; what fails stops no other.
  private final class Copying {
    private int copied;
    private int failed;
    private long stored;
    private String first = "";

    void copy(RestorePoint point, Opened source, Opened target) throws IOException {
      try {
        job.checkCancelled();
        stored += new Backups(source.repository()).copy(point, target.repository(), job).stored();
        copied++;
      } catch (CancellationException stopped) {
        throw stopped;
      } catch (IOException | RuntimeException e) {
        String message =
            BackupRepository.shortId(point) + ": " + RunRecord.line(OperationException.of(e));
        record.log("copy " + message);
        first = failed++ == 0 ? message : first;
      }
    }

    Done done() {
      if (failed > 0) {
        throw new OperationException(
            Kind.SYSTEM,
            "%d of %d points could not be copied, the first: %s"
                .formatted(failed, failed + copied, first));
      }
      return new Done(stored, copied == 1 ? "1 point copied" : copied + " points copied");
    }
  }

  /// The first of the repositories that are backed up to which can be opened.
  private Opened openAny() throws IOException {
    OperationException failure = new OperationException(Kind.NOT_FOUND, "nothing to copy from");
    for (PlanRepository repository : plan.filledBy(Filling.BACKUP)) {
      try {
        return open(repository);
      } catch (IOException | RuntimeException e) {
        failure = OperationException.of(e);
      }
    }
    throw failure;
  }

  private Done forget(PlanRepository repository) throws IOException {
    try (Opened opened = open(repository)) {
      if (opened.repository().store().appendOnly()) {
        return new Done(0, GROWS);
      }
      List<RestorePoint> all = PlanPoints.all(opened.repository());
      List<RestorePoint> unwanted = new ArrayList<>();
      for (PlanDisk disk : points.disks(all)) {
        points.judge(disk.points(), repository.keep()).stream()
            .filter(verdict -> !verdict.kept())
            .map(Retention.Verdict::point)
            .forEach(unwanted::add);
      }
      for (RestorePoint point : unwanted) {
        record.log(
            "forgets %s of %s, made %s"
                .formatted(BackupRepository.shortId(point), point.machine(), point.created()));
      }
      new Backups(opened.repository()).forget(unwanted);
      return new Done(
          0, unwanted.size() == 1 ? "1 point forgotten" : unwanted.size() + " points forgotten");
    }
  }

  private Done prune(PlanRepository repository) throws IOException {
    try (Opened opened = open(repository)) {
      if (opened.repository().store().appendOnly()) {
        return new Done(0, GROWS);
      }
      CollectionReport report = new Backups(opened.repository()).prune(job);
      return new Done(report.deletedBytes(), "%d bytes freed".formatted(report.deletedBytes()));
    }
  }

  private void verify(PlanRepository repository, int days) throws IOException {
    Optional<ReadingEntry> known = sight.reading(repository);
    ReadingShare share = ReadingShare.due(known, days, settings.clock().instant());
    if (share.count() == 0) {
      return;
    }
    record.step(
        StepKind.VERIFY,
        repository.address(),
        () -> {
          try (Opened opened = open(repository)) {
            Backups backups = new Backups(opened.repository());
            StoreReport report = backups.verifySlices(share.first(), share.count(), job);
            if (!report.sound()) {
              throw damaged(repository, backups);
            }
            records.putReading(
                share.read(plan.name(), repository.address(), known, settings.clock().instant()));
            return new Done(
                report.bytes(),
                "%d of 256 slices read, %d bytes, all as written"
                    .formatted(share.count(), report.bytes()));
          }
        });
  }

  /// Reads everything, so that each point knows what it has lost.
  private OperationException damaged(PlanRepository repository, Backups backups)
      throws IOException {
    Backups.Verification all = backups.verify(job);
    for (StoreReport.Damage damage : all.report().damages()) {
      record.log("damage: %s: %s".formatted(damage.object(), damage.what()));
    }
    List<String> sufferers =
        all.sufferers().keySet().stream()
            .map(point -> BackupRepository.shortId(point) + " of " + point.machine())
            .sorted()
            .toList();
    return new OperationException(
        Kind.CORRUPT,
        sufferers.isEmpty()
            ? "damaged, and no point has lost anything"
            : "damaged: %d points have lost content: %s"
                .formatted(
                    sufferers.size(),
                    String.join(", ", sufferers.subList(0, Math.min(5, sufferers.size())))),
        "see: calco backup verify --repo " + repository.address());
  }

  /// The disks there; where nobody can look, the sources, for the steps to tell why.
  private List<String> disks(PlanRepository repository) {
    List<PlanDisk> disks = points.disks(List.of());
    if (plan.sources().stream().anyMatch(source -> source.pattern().isPresent())) {
      try (Opened opened = open(repository)) {
        disks = points.disks(PlanPoints.all(opened.repository()));
      } catch (IOException | RuntimeException e) {
        LOG.log(System.Logger.Level.DEBUG, repository.address(), e);
      }
    }
    return disks.stream().map(PlanDisk::name).toList();
  }

  private void test(String disk, PlanRepository repository, int days) throws IOException {
    if (!sight.isTestDue(disk, repository, days)) {
      return;
    }
    record.step(
        StepKind.TEST,
        disk + " in " + repository.address(),
        () -> {
          try (Opened opened = open(repository)) {
            RestorePoint point =
                points.disks(PlanPoints.all(opened.repository())).stream()
                    .filter(one -> one.name().equals(disk))
                    .flatMap(one -> one.points().stream())
                    .findFirst()
                    .orElseThrow(
                        () -> new OperationException(Kind.NOT_FOUND, "there is no point to try"));
            String how = plan.trial().run(opened.repository(), point, job);
            sight.tested(disk, repository, how);
            return new Done(0, BackupRepository.shortId(point) + ": " + how);
          }
        });
  }
}
