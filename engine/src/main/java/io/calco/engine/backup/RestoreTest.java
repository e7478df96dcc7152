package io.calco.engine.backup;

import io.calco.backup.InstalledSystem;
import io.calco.backup.PointCheck;
import io.calco.backup.RestorePoint;
import io.calco.disk.Disk;
import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.machine.BootOutcome;
import io.calco.machine.BootPlan;
import io.calco.machine.BootTest;
import io.calco.machine.Expectation;
import io.calco.machine.Firmware;
import io.calco.machine.MachineSettings;
import io.calco.machine.MachineSettings.Bus;
import io.calco.machine.Programs;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Shows that a restore point works, without restoring it: its file systems are read, and it is
/// booted on an overlay that is thrown away. The point's record says what came of it.
///
/// Thread rule: confined.
public final class RestoreTest {
  private static final Set<String> ARCHITECTURES = Set.of("x86_64", "amd64", "i686", "i386", "x86");

  private final BackupRepository repository;
  private final RestorePoint point;
  private final RestoreTestRequest request;
  private final JobContext job;

  private RestoreTest(
      BackupRepository repository, RestorePoint point, RestoreTestRequest request, JobContext job) {
    this.repository = repository;
    this.point = point;
    this.request = request;
    this.job = job;
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
    Optional<BootPlan> plan = booting ? Optional.of(plan()) : Optional.empty();
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
        boot = Optional.of(BootTest.run(disk, plan.get(), job));
      }
    }
    PointCheck.Trial trial =
        new PointCheck.Trial(
            sought,
            (System.nanoTime() - begun) / 1_000_000,
            "calco " + Calco.VERSION,
            boot.map(
                outcome -> "%s, %s".formatted(lower(firmware().name()), outcome.accelerator())),
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
            Optional.of(trial));
    Outcome outcome = record(check, volumes, boot, obstacle.map(Throwable::getMessage));
    if (boot.isPresent() && request.screenshot().isPresent() && boot.get().screen().isPresent()) {
      boot.get().screen().get().write(request.screenshot().get());
    }
    return outcome;
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
    Optional<String> architecture =
        point.system().flatMap(InstalledSystem::architecture).map(RestoreTest::lower);
    if (architecture.isPresent() && !ARCHITECTURES.contains(architecture.get())) {
      return Optional.of(
          new OperationException(
              Kind.UNSUPPORTED,
              "%s is a machine of another kind: %s".formatted(name, architecture.get())));
    }
    if (Programs.find(BootTest.PROGRAM).isEmpty()) {
      return Optional.of(
          new OperationException(
              Kind.NOT_FOUND,
              "this host has no " + BootTest.PROGRAM,
              "install QEMU: apt-get install qemu-system-x86"));
    }
    if (!firmware().installed()) {
      return Optional.of(
          new OperationException(
              Kind.NOT_FOUND,
              name + " boots by UEFI, and this host has no firmware for it",
              "install it: apt-get install ovmf"));
    }
    return Optional.empty();
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /// What it booted by where it came from; a BIOS where it could do both, which is there always.
  private Firmware firmware() {
    return request
        .machine()
        .firmware()
        .orElse(
            point.system().filter(system -> system.bootMode().equals("uefi")).isPresent()
                ? Firmware.UEFI
                : Firmware.BIOS);
  }

  private boolean isWindows() {
    return point.system().filter(system -> system.id().equals("windows")).isPresent();
  }

  private BootPlan plan() {
    if (request.expectation().isEmpty() && isWindows()) {
      throw new OperationException(
          Kind.USAGE,
          "a Windows asks for no login on a console",
          "say what to wait for: --wait-for agent, or --wait-for port:3389; or --no-boot");
    }
    RestoreTestRequest.Machine machine = request.machine();
    try {
      MachineSettings settings =
          new MachineSettings(
              machine.accelerator(),
              firmware(),
              machine.bus().orElse(isWindows() ? Bus.SATA : Bus.VIRTIO),
              machine.memoryMiB(),
              machine.processors());
      return new BootPlan(
          settings, request.expectation().orElseGet(Expectation.Login::new), request.timeout());
    } catch (IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, String.valueOf(e.getMessage()));
    }
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
