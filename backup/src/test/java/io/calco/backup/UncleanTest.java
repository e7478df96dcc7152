package io.calco.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.testkit.LvmTool;
import io.calco.testkit.Oracle;
import io.calco.volume.Volume;
import io.calco.volume.VolumeKeys;
import io.calco.volume.Volumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Disks that no orderly shutdown left, and volumes on LVM2: with the kernel's own hand.
class UncleanTest {
  @TempDir private Path directory;
  private final Random random = new Random(9);

  /// What a machine leaves whose power goes: blocks in use that only the journal knows of.
  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs", "btrfs"})
  void whatOnlyTheJournalKnowsIsKept(String type) throws IOException {
    Path tree = MadeDisks.tree(directory.resolve("tree"), random);
    long size = (type.equals("ext4") ? 48L : 300L) * MadeDisks.MIB;
    Path image = MadeDisks.garbage(directory.resolve("disk"), size, random);
    MadeDisks.format(type, image, tree);
    Path mounted = Files.createDirectory(directory.resolve("mounted"));
    Assumptions.assumeTrue(Oracle.named("mount").run("-o", "loop", image, mounted).exit() == 0);
    Path torn = directory.resolve("torn");
    try {
      Oracle.named("cp").run("-r", tree + "/d1", mounted.resolve("new")).succeeds();
      Oracle.named("sh").run("-c", "rm -rf " + mounted + "/d0; sync -f " + mounted).succeeds();
      Oracle.named("cp").run(image, torn).succeeds();
    } finally {
      Oracle.named("umount").run(mounted).succeeds();
    }
    try (Repository repository = Repository.create(directory.resolve("repo"))) {
      RestorePoint point = repository.backUp(torn, Coverage.USED);
      if (type.equals("xfs")) {
        assertThat(point.warnings()).singleElement().asString().contains("not unmounted in order");
      } else {
        assertThat(point.warnings()).isEmpty();
        assertThat(point.work().kept()).isLessThan(size);
      }
      Path restored = repository.restore(point, directory.resolve("restored"));
      Oracle.named("mount").run("-o", "loop", restored, mounted).succeeds();
      try {
        Oracle.named("diff").run("-r", tree.resolve("d1"), mounted.resolve("new")).succeeds();
      } finally {
        Oracle.named("umount").run(mounted).succeeds();
      }
      MadeDisks.check(type, restored);
    }
  }

  /// Two logical volumes, one of them in two pieces.
  @Test
  void logicalVolumesAreKeptAsFarAsTheyAreInUse() throws IOException {
    Path tree = MadeDisks.tree(directory.resolve("tree"), random);
    long size = 100L * MadeDisks.MIB;
    Path image = MadeDisks.garbage(directory.resolve("disk"), size, random);
    try (LvmTool lvm = new LvmTool(List.of(image))) {
      String device = lvm.device(0);
      lvm.run("pvcreate", "-ff", "-y", device);
      lvm.run("vgcreate", "-s", "1m", "vgb", device);
      lvm.run("lvcreate", "-an", "-Wn", "-Zn", "-y", "-n", "root", "-L", "20m", "vgb");
      lvm.run("lvcreate", "-an", "-Wn", "-Zn", "-y", "-n", "data", "-L", "30m", "vgb");
      lvm.run("lvextend", "-L", "+10m", "vgb/root");
    }
    put("/dev/vgb/root", image, file("ext4", 30, tree));
    put("/dev/vgb/data", image, file("ext2-1k", 30, tree));

    try (Repository repository = Repository.create(directory.resolve("repo"))) {
      RestorePoint point = repository.backUp(image, Coverage.USED);
      assertThat(point.warnings()).isEmpty();
      assertThat(point.disk().content()).contains("LVM2_member");
      assertThat(point.work().kept()).isLessThan(size - 15L * MadeDisks.MIB);
      Path restored = repository.restore(point, directory.resolve("restored"));
      MadeDisks.check("ext4", get("/dev/vgb/root", restored));
      MadeDisks.check("ext2-1k", get("/dev/vgb/data", restored));
    }
  }

  private Path file(String type, int mebibytes, Path tree) throws IOException {
    Path file =
        MadeDisks.garbage(directory.resolve(type), (long) mebibytes * MadeDisks.MIB, random);
    MadeDisks.format(type, file, tree);
    return file;
  }

  private interface Work {
    void with(Disk volume) throws IOException;
  }

  private static void on(String name, Path image, ImageOptions.Access access, Work work)
      throws IOException {
    ImageOptions options = ImageOptions.reading().withFormat("raw").with(access);
    try (Image opened = Image.open(image, options);
        Volumes volumes = Volumes.of(opened.disk(), VolumeKeys.none())) {
      Volume volume =
          volumes.all().stream().filter(one -> one.isNamed(name)).findFirst().orElseThrow();
      work.with(volume.disk().orElseThrow());
    }
  }

  private static void put(String name, Path image, Path content) throws IOException {
    byte[] bytes = Files.readAllBytes(content);
    on(name, image, ImageOptions.Access.WRITE, volume -> volume.writeBytes(0, bytes));
  }

  private Path get(String name, Path image) throws IOException {
    Path file = directory.resolve("got" + name.replace('/', '-'));
    on(
        name,
        image,
        ImageOptions.Access.READ,
        volume -> Files.write(file, volume.readBytes(0, Math.toIntExact(volume.size()))));
    return file;
  }
}
