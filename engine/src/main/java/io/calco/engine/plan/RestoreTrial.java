package io.calco.engine.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.calco.backup.InstalledSystem;
import io.calco.backup.RestorePoint;
import io.calco.disk.Disk;
import io.calco.disk.Extent;
import io.calco.disk.JobContext;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import io.calco.engine.backup.RestoreTest;
import io.calco.engine.backup.RestoreTestRequest;
import io.calco.engine.backup.RestoreTestRequest.Boot;
import io.calco.engine.backup.RestoreTestRequest.Checkers;
import io.calco.engine.machine.BootRequest;
import io.calco.machine.Accelerator;
import io.calco.volume.VolumeKeys;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// How it is tried whether a point can be restored: what a plan does every so many days with the
/// newest one of each source.
public enum RestoreTrial {
  /// All that a restore would write is read as the disk that it was, compared with its hashes on
  /// the way.
  @JsonProperty("read")
  READ,
  /// Its file systems are checked.
  @JsonProperty("check")
  CHECK,
  /// They are checked, and it is booted to a login prompt, where it holds a system that shows one
  /// and this host can run.
  @JsonProperty("boot")
  BOOT;

  /// A plan's boot waits for nobody at a keyboard, on a host that does other work.
  private static final BootRequest BOOTING = BootRequest.defaults().within(Duration.ofMinutes(15));

  /// As it is written: `read`.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The one that is written so.
  public static Optional<RestoreTrial> named(String text) {
    return Arrays.stream(values()).filter(one -> one.text().equals(text)).findFirst();
  }

  /// Tries it.
  ///
  /// @return how, and what came of it, in a few words: `1 file system read; booted: …`
  /// @throws IOException when it cannot be read
  /// @throws OperationException CORRUPT when a file system is damaged, or it does not boot
  String run(BackupRepository repository, RestorePoint point, JobContext job) throws IOException {
    return this == READ ? read(repository, point, job) : test(repository, point, job);
  }

  private static Accelerator accelerator() {
    try {
      return Accelerator.standard(System.getenv());
    } catch (IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private static String read(BackupRepository repository, RestorePoint point, JobContext job)
      throws IOException {
    long bytes = 0;
    try (Disk disk = new Backups(repository).open(point);
        Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(1 << 20);
      for (long at = 0; at < disk.size(); ) {
        job.checkCancelled();
        Extent extent = disk.extentAt(at, disk.size() - at);
        while (at < extent.end()) {
          long length = Math.min(buffer.byteSize(), extent.end() - at);
          if (extent.readsZero()) {
            length = extent.end() - at;
          } else {
            disk.read(at, buffer.asSlice(0, length));
            bytes += length;
          }
          at += length;
          job.progress("reading", at, disk.size());
        }
      }
    }
    return "read as a disk, %d bytes; not booted".formatted(bytes);
  }

  private String test(BackupRepository repository, RestorePoint point, JobContext job)
      throws IOException {
    // A Windows shows no login prompt where we look for one.
    boolean quiet = point.system().map(InstalledSystem::id).filter("windows"::equals).isPresent();
    RestoreTestRequest request =
        new RestoreTestRequest(
            this == BOOT && !quiet ? Boot.IF_POSSIBLE : Boot.LEFT_OUT,
            this == BOOT ? BOOTING.by(accelerator()) : BOOTING,
            Checkers.OWN,
            VolumeKeys.none());
    RestoreTest.Outcome outcome = RestoreTest.run(repository, point, request, job);
    String what =
        outcome.check().what() + outcome.notBooted().map(why -> " (" + why + ")").orElse("");
    if (!outcome.check().sound()) {
      throw new OperationException(
          Kind.CORRUPT, "%s: %s".formatted(BackupRepository.shortId(point), what));
    }
    return what;
  }
}
