package io.calco.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.disk.DiskCompare;
import io.calco.disk.JobContext;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// File systems on a bare disk, made by their own programs on garbage: what is not in use is left
/// out, and their own checkers and the kernel are content with what comes back.
class FileSystemsTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"ext4,40", "ext2-1k,32", "xfs,300", "btrfs,128", "vfat,40", "ntfs,32"})
  void comesBackSound(String type, int mebibytes) throws IOException {
    Random random = new Random(6);
    Path tree = MadeDisks.tree(directory.resolve("tree"), random);
    long size = (long) mebibytes * MadeDisks.MIB + 12_288;
    Path image = MadeDisks.garbage(directory.resolve("disk"), size, random);
    MadeDisks.format(type, image, tree);
    MadeDisks.check(type, image);

    try (Repository repository = Repository.create(directory.resolve("repo"))) {
      RestorePoint point = repository.backUp(image, Coverage.USED);
      assertThat(point.warnings()).isEmpty();
      assertThat(point.disk().content()).contains(type.equals("ext2-1k") ? "ext2" : type);
      assertThat(point.work().kept()).isLessThan(size * 3 / 4);

      Path restored = repository.restore(point, directory.resolve("restored"));
      assertThat(Files.size(restored)).isEqualTo(size);
      MadeDisks.check(type, restored);
      mountsTheSame(image, restored);

      try (Disk kept = repository.points.open(point)) {
        assertThat(kept.size()).isEqualTo(size);
      }
      RestorePoint raw = repository.backUp(image, Coverage.EVERY_SECTOR);
      assertThat(Repository.equal(image, repository.restore(raw, directory.resolve("raw"))))
          .isTrue();
      Path over = MadeDisks.garbage(directory.resolve("over"), size, random);
      repository.over(point, over, Restore.Target.OVERWRITTEN);
      assertThat(Repository.equal(restored, over)).isTrue();
      // The head twice, and the mark of a restore under way.
      assertThat(repository.write(point, over, Restore.Target.COMPARED).written())
          .isLessThanOrEqualTo(2 * MadeDisks.MIB + 4096);
      assertThat(Repository.equal(restored, over)).isTrue();
    }
  }

  /// Where this machine can mount, the kernel reads the same tree from both.
  private void mountsTheSame(Path one, Path other) throws IOException {
    Path a = Files.createDirectories(directory.resolve("a"));
    Path b = Files.createDirectories(directory.resolve("b"));
    Oracle mount = Oracle.named("mount");
    Oracle umount = Oracle.named("umount");
    if (mount.run("-o", "loop,ro", one, a).exit() != 0) {
      return;
    }
    try {
      // Two file systems of one UUID: one after the other.
      Oracle.named("cp").run("-a", a + "/.", directory.resolve("copy")).succeeds();
    } finally {
      umount.run(a).succeeds();
    }
    mount.run("-o", "loop,ro", other, b).succeeds();
    try {
      Oracle.named("diff").run("-r", "--no-dereference", directory.resolve("copy"), b).succeeds();
    } finally {
      umount.run(b).succeeds();
    }
  }

  static void assertSame(Disk one, Disk other) throws IOException {
    assertThat(DiskCompare.firstDifference(one, other, JobContext.SILENT)).isEmpty();
  }
}
