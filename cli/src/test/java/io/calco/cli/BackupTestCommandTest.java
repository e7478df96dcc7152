package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.testkit.Oracle;
import io.calco.testkit.Shared;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// A real Debian's restore point is booted, on a processor that is emulated: a minute or two.
class BackupTestCommandTest {
  @TempDir private Path directory;
  private Path repository = Path.of("repository");

  @BeforeEach
  void make() {
    repository = directory.resolve("repository");
    calco("repo", "init", repository).exits(0);
  }

  @Test
  void pointIsBootedAndRemembersIt() throws IOException {
    Oracle.named("qemu-system-x86_64");
    Path guest = Shared.guest();
    calco("backup", "create", "--repo", repository, guest).exits(0);

    Path screenshot = directory.resolve("screen.png");
    Command.Answer sound =
        calco(
                "backup",
                "test",
                "latest",
                "--boot",
                "--accelerator",
                "tcg",
                "--timeout",
                "10m",
                "--keep-screenshot",
                screenshot,
                "--repo",
                repository)
            .exits(0);

    assertThat(sound.out()).contains(": validated: ").contains("booted: a login prompt in ");
    BufferedImage picture = ImageIO.read(screenshot.toFile());
    assertThat(picture.getWidth()).isGreaterThanOrEqualTo(640);
    JsonNode check = checks(repository);
    assertThat(check.get("kind").asString()).isEqualTo("test");
    assertThat(check.get("sound").asBoolean()).isTrue();
    assertThat(check.get("trial").get("sought").toString())
        .isEqualTo("[\"file-systems\",\"login\"]");
    assertThat(check.get("trial").get("machine").asString()).endsWith(", tcg");
    assertThat(calco("backup", "list", "--repo", repository).exits(0).out())
        .contains("validated 20");

    Path second = directory.resolve("second");
    calco("repo", "init", second).exits(0);
    calco("backup", "copy", "--repo", repository, "--to", second).exits(0);
    assertThat(checks(second)).isEqualTo(check);

    requireBrokenLoaderIsTold(guest);
  }

  /// As a timer does it, in a process with an environment of its own.
  @Test
  void aPlanBootsWhatItTries() throws Exception {
    Oracle.named("qemu-system-x86_64");
    Path home = directory.resolve("home");
    calco(
            "plan",
            "add",
            "nightly",
            "--home",
            home,
            "--source",
            Shared.guest(),
            "--repo",
            repository,
            "--test-every",
            "30",
            "--test-by",
            "boot")
        .exits(0);
    Process run =
        Command.listening(
            Map.of("CALCO_ACCELERATOR", "tcg"), "plan", "run", "nightly", "--home", home);
    assertThat(new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .contains("booted: a login prompt in ");
    assertThat(run.waitFor()).isZero();
    JsonNode check = checks(repository);
    assertThat(check.get("sound").asBoolean()).isTrue();
    assertThat(check.get("trial").get("machine").asString()).endsWith(", tcg");
  }

  /// The same disk without a file that its boot loader needs: GRUB stops at its rescue prompt.
  private void requireBrokenLoaderIsTold(Path guest) throws IOException {
    Path broken = directory.resolve("broken.raw");
    Oracle.named("cp").run("--sparse=always", guest, broken).succeeds();
    JsonNode root = null;
    for (JsonNode partition : point(repository).get("disk").get("partitions")) {
      root = partition.path("content").asString("").equals("ext4") ? partition : root;
    }
    assertThat(root).isNotNull();
    Oracle.named("debugfs")
        .run(
            "-w",
            "-R",
            "rm /boot/grub/i386-pc/normal.mod",
            broken + "?offset=" + root.get("start").asLong())
        .succeeds();
    calco("backup", "create", "--repo", repository, "--machine", "broken", broken).exits(0);

    Command.Answer failed =
        calco(
                "backup",
                "test",
                "broken@latest",
                "--accelerator",
                "tcg",
                "--firmware",
                "bios",
                "--timeout",
                "5m",
                "--repo",
                repository)
            .exits(1);

    assertThat(failed.out())
        .contains("FAILED: ")
        .contains("not booted: the guest says: grub rescue>");
    assertThat(calco("backup", "list", "broken", "--repo", repository).exits(0).out())
        .contains("TEST FAILED: ");
    assertThat(checks(repository, "broken@latest").get("sound").asBoolean()).isFalse();
  }

  @Test
  void hostsOwnProgramsCheckWhatIsThere() throws IOException {
    Oracle e2fsck = Oracle.named("e2fsck");
    Path image = directory.resolve("vm.qcow2");
    DemoDisk.unpack(image);
    calco("backup", "create", "--repo", repository, image).exits(0);
    Command.Answer sound =
        calco("backup", "test", "latest", "--no-boot", "--host-checkers", "--repo", repository)
            .exits(0);
    assertThat(sound.out()).contains("ext4: e2fsck: nothing amiss");
    assertThat(checks(repository).get("trial").get("sought").toString()).contains("e2fsck");

    Path raw = directory.resolve("torn.raw");
    calco("disk", "convert", "-O", "raw", image, raw).exits(0);
    JsonNode root = point(repository).get("disk").get("partitions").get(2);
    String offset = "?offset=" + root.get("start").asLong();
    Oracle.named("debugfs").run("-w", "-R", "set_inode_field /etc links_count 77", raw + offset);
    e2fsck.run("-fn", raw + offset).exits(4);
    calco("backup", "create", "--repo", repository, "--machine", "torn", raw).exits(0);
    assertThat(
            calco(
                    "backup",
                    "test",
                    "torn@latest",
                    "--no-boot",
                    "--host-checkers",
                    "--repo",
                    repository)
                .exits(1)
                .out())
        .contains("DAMAGED: e2fsck: exit code 4")
        .contains("FAILED: ");
  }

  private static JsonNode point(Path repository) {
    return point(repository, "latest");
  }

  private static JsonNode point(Path repository, String name) {
    Command.Answer answer =
        calco("backup", "show", name, "--repo", repository, "--output", "json").exits(0);
    return new ObjectMapper().readTree(answer.out());
  }

  private static JsonNode checks(Path repository) {
    return checks(repository, "latest");
  }

  private static JsonNode checks(Path repository, String name) {
    return point(repository, name).get("checks").get(0);
  }
}
