package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import io.calco.testkit.ProcessEnd;
import io.calco.testkit.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// What is shown of restore points and images, compared with what the kernel shows of them. Needs
/// root, `/dev/fuse` and loop devices.
@Timeout(300)
class MountCommandTest {
  @TempDir private Path directory;
  private final List<Object> undo = new ArrayList<>();
  private Path mount = Path.of(".");

  @BeforeEach
  void make() throws IOException {
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "mounting needs root");
    Assumptions.assumeTrue(Files.exists(Path.of("/dev/fuse")), "no /dev/fuse here");
    mount = Files.createDirectory(directory.resolve("mount"));
  }

  @AfterEach
  void unmount() {
    undo.reversed().forEach(place -> Oracle.named("umount").run(place));
  }

  /// Shows something, in a process of its own.
  private Process show(Object... words) throws Exception {
    Path remarks = directory.resolve("remarks");
    Process process = Command.listening(remarks, Map.of(), words);
    undo.add(mount);
    for (int i = 0; i < 3000 && process.isAlive(); i++) {
      if (Oracle.named("mountpoint").run("-q", mount).exit() == 0) {
        return process;
      }
      Thread.sleep(100);
    }
    throw new AssertionError(Files.readString(remarks));
  }

  @Test
  void pointShowsWhatTheKernelShowsOfTheDisk() throws Exception {
    Path guest = Shared.guest();
    Path repository = directory.resolve("repository");
    calco("repo", "init", repository).exits(0);
    Command.Answer made =
        calco("backup", "create", "--raw", "--repo", repository, "--output", "json", guest)
            .exits(0);
    Process process = show("backup", "mount", "--repo", repository, "latest", mount);

    Oracle.named("cmp").run(guest, mount.resolve("disk.raw")).succeeds();
    JsonNode root = null;
    for (JsonNode partition :
        new ObjectMapper().readTree(made.out()).get("disk").get("partitions")) {
      assertThat(mount.resolve("p" + partition.get("number").asInt() + ".raw"))
          .hasSize(partition.get("length").asLong());
      root = partition.path("content").asString("").equals("ext4") ? partition : root;
    }
    assertThat(root).isNotNull();
    String name = "p" + root.get("number").asInt();
    Oracle.named("e2fsck").run("-fn", mount.resolve(name + ".raw")).succeeds();
    String loop =
        Oracle.named("losetup")
            .run("-r", "-f", "--show", mount.resolve("disk.raw"))
            .succeeds()
            .out()
            .strip();
    Oracle.named("sfdisk").run("--verify", loop).succeeds();
    Oracle.named("losetup").run("-d", loop).succeeds();

    Path kernels = Files.createDirectory(directory.resolve("kernels"));
    String options = "ro,noload,loop,offset=" + root.get("start").asLong();
    Oracle.named("mount").run("-o", options, guest, kernels).succeeds();
    undo.add(kernels);
    for (String part : List.of("etc", "usr/bin", "usr/lib/systemd", "var", "boot")) {
      Oracle.named("diff")
          .run("-r", "--no-dereference", kernels.resolve(part), mount.resolve(name).resolve(part))
          .succeeds();
    }
    assertThat(listing(mount.resolve(name))).isEqualTo(listing(kernels));

    Oracle.named("umount").run(mount).succeeds();
    assertThat(ProcessEnd.await(process)).isZero();
  }

  /// All that `stat` tells of all files.
  private static List<String> listing(Path root) {
    return Oracle.named("find")
        .run(root, "-printf", "%P %y %m %U %G %l %n %T@ %Y\\n")
        .out()
        .lines()
        .sorted()
        .toList();
  }

  @Test
  void ordinaryUserLooksIntoAnImageAndNobodyElseDoes() throws Exception {
    Oracle.named("fusermount3");
    Path image = directory.resolve("vm.qcow2");
    io.calco.engine.DemoDisk.unpack(image);
    String classPath = Command.readable(directory.resolve("classes"));
    Oracle.named("chmod").run("755", directory).succeeds();
    Oracle.named("chown").run("65534:65534", mount, image).succeeds();
    undo.add(mount);
    Thread shown =
        Thread.ofPlatform().start(() -> Command.asNobody(classPath, "disk", "mount", image, mount));
    Oracle setpriv = Oracle.named("setpriv");
    List<String> nobody = List.of("--reuid=65534", "--regid=65534", "--clear-groups");
    Oracle.Run list = null;
    for (int i = 0; i < 2000 && (list == null || !list.out().contains("disk.raw")); i++) {
      Thread.sleep(100);
      list = asNobody(setpriv, nobody, "ls", mount);
    }
    assertThat(list.out()).contains("disk.raw", "p1.raw");
    assertThat(asNobody(setpriv, nobody, "cat", mount.resolve("p3/etc/os-release")).out())
        .contains("ID=");
    Oracle.named("ls").run(mount).exits(1, 2).says("Permission denied");
    asNobody(setpriv, nobody, "fusermount3", "-u", mount).succeeds();
    shown.join(30_000);
    assertThat(shown.isAlive()).isFalse();
  }

  private static Oracle.Run asNobody(Oracle setpriv, List<String> nobody, Object... words) {
    List<Object> all = new ArrayList<>(nobody);
    all.addAll(List.of(words));
    return setpriv.run(all.toArray());
  }

  @Test
  void whatIsNotThereIsSaid() throws IOException {
    Path image = directory.resolve("vm.qcow2");
    io.calco.engine.DemoDisk.unpack(image);
    assertThat(calco("disk", "mount", "--partition", "9", image, mount).exits(3).err())
        .contains("partition 9 cannot be shown: there is no such partition");
    assertThat(calco("disk", "mount", image, directory.resolve("nowhere")).exits(3).err())
        .contains("nowhere");
  }
}
