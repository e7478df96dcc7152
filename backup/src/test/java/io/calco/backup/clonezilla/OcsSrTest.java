package io.calco.backup.clonezilla;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.testkit.Oracle;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/// Clonezilla itself, in both directions, on loop devices: `mvn test -Dgroups=rig -DexcludedGroups=
/// -Dtest=OcsSrTest`, as root. It sleeps for minutes, so it is no part of the suite, where
/// [ClonezillaImageTest] and [ClonezillaWriterTest] run the commands that its scripts run.
@Tag("rig")
class OcsSrTest {
  private static final String OCS = "ocs-sr -l en_US.UTF-8 -nogui -batch -p true";
  private static final int SECTOR = 512;

  @TempDir Path dir;

  /// Runs Clonezilla on a file as `/dev/loopN`, whose name stands for `LOOP` in the command.
  private void onLoop(Path file, String command) {
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new TestAbortedException("skipped: loop devices need root");
    }
    Oracle.optional("ocs-sr");
    SampleMachine.shell(
        dir,
        """
        L=$(losetup --find --show %1$s)
        trap 'partx -d $L 2>/dev/null || true; losetup -d $L' EXIT
        partx -a $L 2>/dev/null || true
        mkdir -p repository
        LOOP=${L#/dev/} OCSROOT=$PWD/repository
        %2$s > log 2>&1 < /dev/null || { cat log >&2; exit 1; }
        """
            .formatted(file, command));
  }

  @Test
  void savesWhatWeRead() throws Exception {
    SampleMachine machine = SampleMachine.gpt(dir);
    onLoop(
        machine.disk(),
        OCS + " -or $OCSROOT -sc -q2 -c -j2 -z9p -i 10 -sfsck -senc savedisk theirs $LOOP");
    try (ClonezillaImage image = ClonezillaImage.open(dir.resolve("repository/theirs"));
        Image original = Image.open(machine.disk(), ImageOptions.reading().withFormat("raw"))) {
      assertThat(image.verify(JobContext.SILENT).findings()).isEmpty();
      Disk read = image.disk(image.disks().getFirst().name());
      assertThat(differingSectors(read, original.disk())).hasSizeLessThan(16);
    }
  }

  /// partclone leaves out NTFS' second boot sector and what free blocks hold.
  private static Set<Long> differingSectors(Disk one, Disk other) throws Exception {
    Set<Long> sectors = new TreeSet<>();
    assertThat(one.size()).isEqualTo(other.size());
    for (long at = 0; at < one.size(); at += SECTOR) {
      if (MemorySegment.ofArray(one.readBytes(at, SECTOR))
              .mismatch(MemorySegment.ofArray(other.readBytes(at, SECTOR)))
          != -1) {
        sectors.add(at / SECTOR);
      }
    }
    return sectors;
  }

  @Test
  void restoresWhatWeSave() throws Exception {
    SampleMachine machine = SampleMachine.gpt(dir);
    SampleMachine.shell(dir, "mkdir repository; truncate -s 120M restored.img");
    try (Image image = Image.open(machine.disk(), ImageOptions.reading())) {
      ClonezillaWriter.write(
          image.disk(),
          dir.resolve("repository/ours"),
          ClonezillaOptions.defaults().withSplit(10),
          Instant.now(),
          JobContext.SILENT);
    }
    onLoop(dir.resolve("restored.img"), OCS + " -or $OCSROOT -scr -k0 restoredisk ours $LOOP");
    SampleMachine.shell(
        dir,
        """
        diff <(sfdisk -d disk.img | sed 's/disk.img/X/') <(sfdisk -d restored.img | sed 's/restored.img/X/')
        S=$(sfdisk -d restored.img | sed -n 's/^restored.img2 *: start= *\\([0-9]*\\).*/\\1/p')
        dd if=restored.img of=r2 bs=512 skip=$S count=81920 status=none
        e2fsck -fn r2 >&2
        mkdir tree2
        debugfs -R 'rdump / tree2' r2 2>/dev/null
        rm -rf tree2/lost+found
        diff -r tree tree2
        """);
  }
}
