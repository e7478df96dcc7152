package io.calco.engine.backup;

import io.calco.backup.InstalledSystem;
import io.calco.backup.PointCheck;
import io.calco.backup.RestorePoint;
import io.calco.disk.Disk;
import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.machine.BootTrial;
import io.calco.machine.BootOutcome;
import io.calco.machine.BootPlan;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Shows that a restore point works, without restoring it: its file systems are read, and it is
/// booted on an overlay that is thrown away. The point's record says what came of it.
///
/// Thread rule: confined.
public final class RestoreTest {
  private final BackupRepository repository;
  private final RestorePoint point;
  private final RestoreTestRequest request;
  private final JobContext job;
  private final BootTrial trial;

  private RestoreTest(
      BackupRepository repository, RestorePoint point, RestoreTestRequest request, JobContext job) {
    this.repository = repository;
    this.point = point;
    this.request = request;
    this.job = job;
    this.trial = new BootTrial(subject(point), request.booting());
  }

  /// What a test found.
  ///
  /// @param point as it is recorded now
  /// @param check what the record says of the test
  /// @param volumes what was found in each
  /// @param boot what came of the boot
  /// @param notBooted why there was none
  /// @param unrecorded why the repository does not know of the test
  public record Outcome(
      RestorePoint point,
      PointCheck check,
      List<VolumeCheck> volumes,
      Optional<BootOutcome> boot,
      Optional<String> notBooted,
      Optional<String> unrecorded) {
    /// Copies the list.
    public Outcome {
      volumes = List.copyOf(volumes);
    }
  }

  /// Tests a point and records what came of it, good or bad.
  ///
  /// @throws OperationException REFUSED when a boot is required of what cannot be booted, NOT_FOUND
  ///   when this host lacks a program for it, USAGE when nobody knows what to wait for
  /// @throws java.util.concurrent.CancellationException when the job was cancelled; nothing is
  ///   recorded then
  public static Outcome run(
      BackupRepository repository, RestorePoint point, RestoreTestRequest request, JobContext job)
      throws IOException {
    return new RestoreTest(repository, point, request, job).run();
  }

  private Outcome run() throws IOException {
    long begun = System.nanoTime();
    Optional<OperationException> obstacle =
        request.boot() == RestoreTestRequest.Boot.LEFT_OUT ? Optional.empty() : obstacle();
    if (obstacle.isPresent() && request.boot() == RestoreTestRequest.Boot.REQUIRED) {
      throw obstacle.get();
    }
    boolean booting = request.boot() != RestoreTestRequest.Boot.LEFT_OUT && obstacle.isEmpty();
    Optional<BootPlan> plan = booting ? Optional.of(trial.plan()) : Optional.empty();
    List<String> sought = new ArrayList<>(List.of("file-systems"));
    List<VolumeCheck> volumes;
    Optional<BootOutcome> boot = Optional.empty();
    try (Disk disk = repository.points().open(point)) {
      volumes = new FileSystemChecks(point, job).run(disk, request.keys());
      if (request.checkers() == RestoreTestRequest.Checkers.ALSO_THE_HOSTS) {
        List<VolumeCheck> more = new HostCheckers(point, job).run(disk, request.keys(), volumes);
        more.stream()
            .filter(check -> check.result() != VolumeCheck.Result.NOT_CHECKED)
            .map(VolumeCheck::by)
            .distinct()
            .forEach(sought::add);
        volumes.addAll(more);
      }
      if (plan.isPresent()) {
        sought.add(plan.get().expectation().toString());
        boot = Optional.of(trial.run(disk, job));
      }
    }
    PointCheck.Trial tried =
        new PointCheck.Trial(
            sought,
            (System.nanoTime() - begun) / 1_000_000,
            "calco " + Calco.VERSION,
            boot.map(outcome ->
                "%s, %s"
                    .formatted(
                        trial.firmware().name().toLowerCase(Locale.ROOT), outcome.accelerator())),
            boot.map(BootOutcome::console).filter(text -> !text.isBlank()));
    boolean sound =
        volumes.stream().allMatch(VolumeCheck::passed)
            && boot.map(BootOutcome::reached).orElse(true);
    PointCheck check =
        new PointCheck(
            PointCheck.Kind.TEST,
            Instant.now().truncatedTo(ChronoUnit.MILLIS),
            sound,
            summary(volumes, boot),
            Optional.of(tried));
    return record(check, volumes, boot, obstacle.map(Throwable::getMessage));
  }

  private Outcome record(
      PointCheck check,
      List<VolumeCheck> volumes,
      Optional<BootOutcome> boot,
      Optional<String> notBooted)
      throws IOException {
    RestorePoint tested = point.with(check);
    Optional<String> unrecorded = Optional.empty();
    try {
      // It may have been labelled or held meanwhile.
      tested = repository.find(point.id().toString()).with(check);
      repository.points().replace(tested);
    } catch (IOException | OperationException e) {
      unrecorded = Optional.of(String.valueOf(OperationException.of(e).getMessage()));
    }
    return new Outcome(tested, check, volumes, boot, notBooted, unrecorded);
  }

  /// Why this point cannot be booted here.
  private Optional<OperationException> obstacle() {
    String name = BackupRepository.shortId(point);
    if (point.disk().partial()) {
      return Optional.of(
          new OperationException(Kind.REFUSED, name + " holds only a part of its disk"));
    }
    if (point.system().isEmpty() && request.boot() == RestoreTestRequest.Boot.IF_POSSIBLE) {
      return Optional.of(
          new OperationException(Kind.REFUSED, "no operating system is known in " + name));
    }
    return trial.obstacle();
  }

  private static BootTrial.Subject subject(RestorePoint point) {
    return new BootTrial.Subject(
        BackupRepository.shortId(point),
        point.system().filter(system -> system.id().equals("windows")).isPresent(),
        point.system().filter(system -> system.bootMode().equals("uefi")).isPresent(),
        point.system().flatMap(InstalledSystem::architecture));
  }

  private static String summary(List<VolumeCheck> volumes, Optional<BootOutcome> boot) {
    long damaged = volumes.stream().filter(check -> !check.passed()).count();
    long sound =
        volumes.stream()
            .filter(check -> check.result() == VolumeCheck.Result.SOUND)
            .map(VolumeCheck::volume)
            .distinct()
            .count();
    String files =
        damaged > 0
            ? volumes.stream()
                .filter(check -> !check.passed())
                .findFirst()
                .map(check -> check.volume() + ": " + check.what())
                .orElseThrow()
            : sound == 1 ? "1 file system read" : sound + " file systems read";
    return boot.map(outcome ->
            files + "; " + (outcome.reached() ? "booted: " : "not booted: ") + outcome.what())
        .orElse(files + "; not booted");
  }
}
