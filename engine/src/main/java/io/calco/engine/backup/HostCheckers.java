package io.calco.engine.backup;

import io.calco.backup.RestorePoint;
import io.calco.disk.Disk;
import io.calco.disk.JobContext;
import io.calco.engine.backup.VolumeCheck.Result;
import io.calco.engine.mount.DiskMount;
import io.calco.engine.mount.MountView;
import io.calco.machine.Programs;
import io.calco.volume.VolumeKeys;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Has the file systems of a point checked by the programs that this host has for them. They read
/// the point where it is shown in a directory, and cannot write there. Confined.
final class HostCheckers {
  private static final int SAID_MAX = 64 << 10; // ours
  private static final int LINE_MAX = 200; // ours
  private static final long PAUSE_MILLIS = 200;

  /// A program, its options, and the exit codes that find fault with nothing.
  private record Checker(String program, List<String> options, List<Integer> sound) {
    static Optional<Checker> of(String content) {
      return switch (content) {
        case "ext2", "ext3", "ext4" ->
            Optional.of(new Checker("e2fsck", List.of("-fn"), List.of(0)));
        case "xfs" -> Optional.of(new Checker("xfs_repair", List.of("-n", "-f"), List.of(0)));
        case "ntfs" -> Optional.of(new Checker("ntfsfix", List.of("-n"), List.of(0)));
        case "vfat" -> Optional.of(new Checker("fsck.fat", List.of("-n"), List.of(0)));
        case "btrfs" ->
            Optional.of(new Checker("btrfs", List.of("check", "--readonly"), List.of(0)));
        default -> Optional.empty();
      };
    }
  }

  private final RestorePoint point;
  private final JobContext job;

  HostCheckers(RestorePoint point, JobContext job) {
    this.point = point;
    this.job = job;
  }

  /// Checks the volumes that our own reading found sound or damaged, where this host has a program.
  ///
  /// @param own what that reading found
  /// @throws io.calco.engine.OperationException NOT_FOUND when this host cannot show a disk
  List<VolumeCheck> run(Disk disk, VolumeKeys keys, List<VolumeCheck> own) throws IOException {
    List<VolumeCheck> found = new ArrayList<>();
    Path work = Files.createTempDirectory("calco-check");
    try {
      Path shown = Files.createDirectory(work.resolve("disk"));
      try (DiskMount mount =
          DiskMount.open(
              disk,
              BackupRepository.shortId(point),
              keys,
              new MountView.Everything(),
              shown,
              point.created())) {
        for (VolumeCheck check : own) {
          Optional<Path> file = mount.raw(check.volume()).map(shown::resolve);
          Optional<Checker> checker = Checker.of(check.content());
          if (file.isPresent() && checker.isPresent()) {
            found.add(check(check, checker.get(), file.get(), work));
          }
        }
      } finally {
        Files.deleteIfExists(shown);
      }
    } finally {
      Files.deleteIfExists(work.resolve("said"));
      Files.delete(work);
    }
    return found;
  }

  private VolumeCheck check(VolumeCheck own, Checker checker, Path file, Path work)
      throws IOException {
    Optional<Path> program = Programs.find(checker.program);
    if (program.isEmpty()) {
      String missing = "this host has no " + checker.program;
      return new VolumeCheck(
          own.volume(), own.content(), checker.program, Result.NOT_CHECKED, missing);
    }
    List<String> words = new ArrayList<>(List.of(program.get().toString()));
    words.addAll(checker.options);
    words.add(file.toString());
    Path said = work.resolve("said");
    ProcessBuilder builder =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(said.toFile());
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      while (!process.waitFor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
        job.checkCancelled();
        job.progress(checker.program + " on " + own.volume(), 0, 0);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    } finally {
      process.destroyForcibly().onExit().join();
    }
    int exit = process.exitValue();
    boolean sound = checker.sound.contains(exit);
    return new VolumeCheck(
        own.volume(),
        own.content(),
        checker.program,
        sound ? Result.SOUND : Result.DAMAGED,
        sound ? "nothing amiss" : "exit code %d: %s".formatted(exit, lastLine(said)));
  }

  private static String lastLine(Path said) throws IOException {
    String text;
    try (InputStream in = Files.newInputStream(said)) {
      text = new String(in.readNBytes(SAID_MAX), StandardCharsets.UTF_8);
    }
    String line =
        text.lines().filter(one -> !one.isBlank()).reduce((_, later) -> later).orElse("").strip();
    return line.length() > LINE_MAX ? line.substring(0, LINE_MAX) : line;
  }
}
