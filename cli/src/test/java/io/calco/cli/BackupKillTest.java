package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Backups, copies and restores killed at any moment: the repository is sound, the points that it
/// lists are whole, and doing it again finishes it.
///
/// Each round kills five times. `-Dcalco.kill.rounds=40` kills 200 times, which takes a quarter of
/// an hour.
class BackupKillTest {
  private static final int ROUNDS = Integer.getInteger("calco.kill.rounds", 4);
  private static final int MIB = 1 << 20;

  @TempDir private Path directory;

  @Test
  void leavesARepositoryThatVerifies() throws IOException {
    Path repo = directory.resolve("repo");
    calco("repo", "init", repo).exits(0);
    Path disk = directory.resolve("disk.img");
    long[] lasts = {3000};
    Seeds.run(
        ROUNDS,
        random -> {
          change(disk, random);
          kill(random, lasts, "backup", "create", "--repo", repo, disk);
          calco("backup", "verify", "--repo", repo).exits(0);
          for (JsonNode point : points(repo)) {
            Path back = directory.resolve("back.img");
            Files.deleteIfExists(back);
            String id = point.get("id").asString();
            calco("restore", "--repo", repo, "--verify", id, back).exits(0);
          }
          calco("backup", "create", "--repo", repo, disk).exits(0);
          Path back = directory.resolve("again.img");
          Files.deleteIfExists(back);
          calco("restore", "--repo", repo, "latest", back).exits(0);
          assertThat(Files.mismatch(disk, back)).isNegative();
          calco("backup", "forget", "--repo", repo, "--keep-last", "1", "--yes").exits(0);
          kill(random, lasts, "backup", "prune", "--repo", repo);
          calco("backup", "verify", "--repo", repo).exits(0);
        });
  }

  @Test
  void aRestoreIsFinishedByTheNext() throws IOException {
    Path repo = directory.resolve("repo");
    calco("repo", "init", repo).exits(0);
    Path disk = directory.resolve("disk.img");
    change(disk, new Random(1));
    calco("backup", "create", "--repo", repo, disk).exits(0);
    Path fresh = directory.resolve("fresh.img");
    Path over = directory.resolve("over.img");
    long[] lasts = {3000};
    Seeds.run(
        ROUNDS,
        random -> {
          Files.deleteIfExists(fresh);
          kill(random, lasts, "restore", "--repo", repo, "latest", fresh);
          if (Files.exists(fresh)) {
            assertThat(Files.mismatch(disk, fresh)).isNegative();
          } else {
            calco("restore", "--repo", repo, "latest", fresh).exits(0);
          }
          change(over, random);
          kill(random, lasts, "restore", "--repo", repo, "--yes", "latest", over);
          calco("restore", "--repo", repo, "--yes", "latest", over).exits(0);
          assertThat(Files.mismatch(disk, over)).isNegative();
          try (var files = Files.list(directory)) {
            assertThat(files.filter(file -> file.toString().endsWith(".part")).toList()).isEmpty();
          }
        });
  }

  @Test
  void aCopyIsWholeOrNotThere() throws IOException {
    Path repo = directory.resolve("repo");
    calco("repo", "init", repo).exits(0);
    Path disk = directory.resolve("disk.img");
    long[] lasts = {3000};
    Seeds.run(
        ROUNDS,
        random -> {
          Path other = Files.createTempDirectory(directory, "other").resolve("repo");
          calco("repo", "init", other).exits(0);
          change(disk, random);
          calco("backup", "create", "--repo", repo, disk).exits(0);
          kill(random, lasts, "backup", "copy", "--repo", repo, "--to", other, "latest");
          calco("backup", "verify", "--repo", other).exits(0);
          calco("backup", "copy", "--repo", repo, "--to", other, "latest").exits(0);
          Path back = directory.resolve("copied.img");
          Files.deleteIfExists(back);
          calco("restore", "--repo", other, "latest", back).exits(0);
          assertThat(Files.mismatch(disk, back)).isNegative();
        });
  }

  /// Bytes that nobody has seen, in half of a disk.
  private static void change(Path disk, Random random) throws IOException {
    byte[] bytes = Files.exists(disk) ? Files.readAllBytes(disk) : new byte[64 * MIB];
    byte[] fresh = new byte[bytes.length / 2];
    random.nextBytes(fresh);
    System.arraycopy(fresh, 0, bytes, random.nextInt(bytes.length / 2), fresh.length);
    Files.write(disk, bytes);
  }

  private static List<JsonNode> points(Path repo) {
    String list = calco("backup", "list", "--repo", repo, "--output", "json").exits(0).out();
    return List.copyOf(new ObjectMapper().readTree(list).valueStream().toList());
  }

  private static void kill(Random random, long[] lasts, Object... words) throws Exception {
    long begun = System.nanoTime();
    Process process = Command.start(words);
    if (process.waitFor(random.nextLong(150, lasts[0]), TimeUnit.MILLISECONDS)) {
      lasts[0] = Math.max(400, (System.nanoTime() - begun) / 1_000_000);
      assertThat(process.exitValue()).isZero();
      return;
    }
    Oracle.named("kill").run("-9", process.pid());
    process.waitFor();
  }
}
