package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Backups of disks that are mounted.
class BackupLiveTest {
  private static final int MIB = 1 << 20;

  @TempDir private Path directory;
  private Path repo = Path.of("");
  private Path mount = Path.of("");
  private String loop = "";

  @BeforeEach
  void makeThem() throws IOException {
    repo = directory.resolve("repo");
    mount = Files.createDirectory(directory.resolve("mount"));
    calco("repo", "init", repo).exits(0);
  }

  private void mount(String type, int mebibytes, String options) throws IOException {
    Path image = directory.resolve("disk.img");
    try (var file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength((long) mebibytes * MIB);
    }
    Oracle.named("mkfs." + type).run("-q", image).succeeds();
    Oracle.Run made = Oracle.named("losetup").run("-f", "--show", image);
    Assumptions.assumeTrue(made.exit() == 0, "no loop devices here");
    loop = made.out().strip();
    Oracle.Run mounted = Oracle.named("mount").run("-o", options, loop, mount);
    Assumptions.assumeTrue(mounted.exit() == 0, "cannot mount here");
  }

  @AfterEach
  void unmount() {
    if (!loop.isEmpty()) {
      Oracle.named("umount").run(mount);
      Oracle.named("losetup").run("-d", loop);
    }
  }

  private static void write(Path file, int mebibytes) throws IOException {
    byte[] bytes = new byte[mebibytes * MIB];
    new Random(mebibytes).nextBytes(bytes);
    Files.write(file, bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs"})
  void isHeldStill(String type) throws Exception {
    mount(type, 320, "rw");
    assertThat(calco("backup", "create", "--repo", repo, loop).exits(4).err())
        .contains("is in use", "--freeze", "--allow-live");
    calco("backup", "create", "--repo", repo, "--allow-live", loop).exits(0);
    write(mount.resolve("written-after-the-cache-was-filled"), 20);
    Process writer =
        new ProcessBuilder(
                "sh",
                "-c",
                "i=0; while [ ! -e stop ]; do i=$((i+1)); head -c 30000 /dev/urandom > f$i;"
                    + " mv f$i g$((i%50)); echo $i >> log; done",
                "sh")
            .directory(mount.toFile())
            .start();
    try {
      awaitLines(20);
      calco("backup", "create", "--repo", repo, "--freeze", loop).exits(0);
      awaitLines(lines(mount.resolve("log")) + 1);
    } finally {
      Files.createFile(mount.resolve("stop"));
      writer.waitFor();
    }
    String page = calco("backup", "show", "--repo", repo, "latest").exits(0).out();
    assertThat(page).contains("taken while its file systems were held still");
    Path back = directory.resolve("back.img");
    calco("restore", "--repo", repo, "latest", back).exits(0);
    if (type.equals("ext4")) {
      assertThat(page).doesNotContain("warning");
      Oracle.named("e2fsck").run("-fn", back).succeeds();
      assertThat(Oracle.named("dumpe2fs").run("-h", back).succeeds().out())
          .doesNotContain("needs_recovery");
    } else {
      // XFS leaves a log behind that only says so, and is kept in full
      Path other = Files.createDirectory(directory.resolve("other"));
      Oracle.named("mount").run("-o", "loop,nouuid", back, other).succeeds();
      Oracle.named("umount").run(other).succeeds();
      Oracle.named("xfs_repair").run("-n", "-f", back).succeeds();
    }
    Path found = directory.resolve("found");
    calco("backup", "copy-out", "--repo", repo, "latest:/written-after-the-cache-was-filled", found)
        .exits(0);
    assertThat(Files.mismatch(found, mount.resolve("written-after-the-cache-was-filled")))
        .isNegative();
  }

  /// The writer goes on, or this test does not.
  private void awaitLines(long count) throws Exception {
    Path log = mount.resolve("log");
    for (int i = 0; !Files.exists(log) || lines(log) < count; i++) {
      assertThat(i).as("half a minute without a write").isLessThan(3000);
      Thread.sleep(10);
    }
  }

  private static long lines(Path file) throws IOException {
    return Files.readAllLines(file).size();
  }

  @Test
  void thawsWhateverEndsIt() throws IOException {
    mount("ext4", 200, "rw");
    write(mount.resolve("much"), 120);
    Seeds.run(
        4,
        random -> {
          Process backup = Command.start("backup", "create", "--repo", repo, "--freeze", loop);
          long wait = random.nextLong(300, 2500);
          if (!backup.waitFor(wait, TimeUnit.MILLISECONDS)) {
            Oracle.named("kill").run("-9", backup.pid());
            backup.waitFor();
          }
          Oracle.named("timeout")
              .run("120", "sh", "-c", "echo a > '" + mount + "/probe' && sync -f '" + mount + "'")
              .succeeds();
        });
  }

  @Test
  void isRefusedWhereWeWriteOurselves() throws IOException {
    mount("ext4", 64, "rw");
    Path inside = mount.resolve("repo");
    calco("repo", "init", inside).exits(0);
    assertThat(calco("backup", "create", "--repo", inside, "--freeze", loop).exits(4).err())
        .contains("cannot be held still: Calco itself writes to " + inside);
    Path file = Files.write(directory.resolve("plain.img"), new byte[MIB]);
    assertThat(calco("backup", "create", "--repo", repo, "--freeze", file).exits(2).err())
        .contains("--freeze is for block devices");
  }

  @Test
  void isQuietWhenAllIsMountedReadOnly() throws IOException {
    mount("ext4", 64, "ro");
    calco("backup", "create", "--repo", repo, loop).exits(0);
    assertThat(calco("backup", "show", "--repo", repo, "latest").exits(0).out())
        .doesNotContain("state ");
  }
}
