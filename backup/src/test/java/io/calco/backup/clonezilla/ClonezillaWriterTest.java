package io.calco.backup.clonezilla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.DiskCompare;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.wrap.Compression;
import io.calco.testkit.Oracle;
import io.calco.testkit.Shared;
import io.calco.volume.VolumeKeys;
import io.calco.volume.Volumes;
import io.calco.volume.lvm.LogicalVolume;
import io.calco.volume.lvm.VolumeGroup;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Directories that Clonezilla's own commands restore.
class ClonezillaWriterTest {
  private static final Instant NOW = Instant.parse("2026-11-21T21:40:12Z");

  @TempDir Path dir;

  private static List<String> save(Path disk, Path target, ClonezillaOptions options)
      throws IOException {
    try (Image image = Image.open(disk, ImageOptions.reading())) {
      return ClonezillaWriter.write(image.disk(), target, options, NOW, JobContext.SILENT);
    }
  }

  /// All text files that Clonezilla makes are as it makes them.
  @Test
  void tablesAreWhatClonezillaSaves() throws Exception {
    SampleMachine machine = SampleMachine.gpt(dir).labelled("gpt");
    Path theirs = dir.resolve("theirs");
    Path ours = dir.resolve("ours");
    machine.save(theirs, "uncomp", 0);
    save(machine.disk(), ours, ClonezillaOptions.defaults());
    for (String file :
        List.of(
            "disk",
            "parts",
            "sda-pt.sf",
            "sda-mbr",
            "sda-gpt-1st",
            "sda-gpt-2nd",
            "sda-gpt.gdisk",
            "swappt-sda3.info")) {
      assertThat(ours.resolve(file)).as(file).hasSameBinaryContentAs(theirs.resolve(file));
    }
    SampleMachine.shell(
        dir, "for f in theirs ours; do tail -n +2 $f/sda-pt.parted | head -4; done | uniq -d");
    assertThat(Files.readString(ours.resolve("sda-pt.parted")))
        .contains("Disk /dev/sda: 245760s\nSector size (logical/physical): 512B/512B\n");
  }

  @Test
  void isRestoredByClonezillasCommands() throws Exception {
    SampleMachine machine = SampleMachine.gpt(dir).labelled("gpt");
    List<ClonezillaOptions> ways =
        List.of(
            ClonezillaOptions.defaults().withSplit(1),
            ClonezillaOptions.defaults().with(Optional.of(Compression.LZ4)).withSplit(2),
            ClonezillaOptions.defaults().with(Optional.empty()));
    for (ClonezillaOptions way : ways) {
      Path image = dir.resolve("image-" + way.ending());
      assertThat(save(machine.disk(), image, way))
          .containsExactly(
              "sda4 is saved with all its bytes: no file system that Calco knows is in it");
      Path restored = machine.restore(image);
      try (ClonezillaImage ours = ClonezillaImage.open(image);
          Image theirs = Image.open(restored, ImageOptions.reading().withFormat("raw"))) {
        assertThat(DiskCompare.firstDifference(ours.disk("sda"), theirs.disk(), JobContext.SILENT))
            .as(way.ending())
            .isEmpty();
        assertThat(ours.verify(JobContext.SILENT).findings()).isEmpty();
      }
      SampleMachine.shell(image, "md5sum --quiet -c MD5SUMS; ! ls *.part 2>/dev/null");
    }
    requireSameFiles(machine);
  }

  /// What was restored last is sound, and its tree the one that was saved.
  private void requireSameFiles(SampleMachine machine) {
    Oracle.named("e2fsck").run("-fn", dir.resolve("r2")).succeeds();
    Oracle.named("fsck.vfat").run("-n", dir.resolve("r1")).succeeds();
    Oracle.named("ntfsfix").run("-n", dir.resolve("r5")).succeeds();
    SampleMachine.shell(
        machine.dir(),
        """
        mkdir tree2
        debugfs -R 'rdump / tree2' r2 2>/dev/null
        rm -rf tree2/lost+found
        diff -r tree tree2
        cmp p5 r5
        """);
  }

  @Test
  void logicalPartitionsAreRestored() throws Exception {
    SampleMachine machine = SampleMachine.mbr(dir).labelled("dos");
    Path image = dir.resolve("image");
    ClonezillaOptions gz = ClonezillaOptions.defaults().with(Optional.of(Compression.GZ));
    save(machine.disk(), image, gz.withSplit(3));
    assertThat(Files.readString(image.resolve("parts"))).isEqualTo("sda1 sda5 sda7 sda8\n");
    Path restored = machine.restore(image);
    try (ClonezillaImage ours = ClonezillaImage.open(image);
        Image theirs = Image.open(restored, ImageOptions.reading().withFormat("raw"));
        Image original = Image.open(machine.disk(), ImageOptions.reading().withFormat("raw"))) {
      Disk disk = ours.disk("sda");
      assertThat(DiskCompare.firstDifference(disk, theirs.disk(), JobContext.SILENT)).isEmpty();
      assertThat(disk.readBytes(0, 1 << 20)).isEqualTo(original.disk().readBytes(0, 1 << 20));
    }
    Oracle.named("e2fsck").run("-fn", dir.resolve("r1")).succeeds();
    Oracle.named("e2fsck").run("-fn", dir.resolve("r8")).succeeds();
    SampleMachine.shell(dir, "cmp p7 r7");
  }

  /// Every kind of file system that partclone knows and we have a map of.
  @Test
  void everyFileSystemIsRestored() throws Exception {
    List<Callable<Void>> checks = new ArrayList<>();
    checks.add(check("xfs", "320M", "mkfs.xfs -q -f", "xfs_repair -n -f", "xfs"));
    checks.add(check("btrfs", "120M", "mkfs.btrfs -q -f", "btrfs check", "btrfs"));
    checks.add(check("exfat", "20M", "mkfs.exfat", "fsck.exfat -n", "exfat"));
    checks.add(check("f2fs", "80M", "mkfs.f2fs -q -f", "fsck.f2fs", "f2fs"));
    checks.add(check("fat32", "64M", "mkfs.vfat -F 32", "fsck.vfat -n", "vfat"));
    checks.add(check("fat12", "4M", "mkfs.vfat -F 12", "fsck.vfat -n", "fat12"));
    checks.add(check("ext2", "12M", "mkfs.ext2 -q -b 4096", "e2fsck -fn", "ext2"));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Void> done : threads.invokeAll(checks)) {
        done.get();
      }
    }
  }

  private Callable<Void> check(
      String name, String size, String make, String check, String program) {
    return () -> {
      checkFileSystem(name, size, make, check, program);
      return null;
    };
  }

  /// A file system on the bare disk, odd in size, restored and looked at by its own program.
  private void checkFileSystem(String name, String size, String make, String check, String program)
      throws IOException {
    Oracle.named(make.substring(0, make.indexOf(' ') < 0 ? make.length() : make.indexOf(' ')));
    Oracle.named("partclone." + program);
    SampleMachine.shell(
        dir, "truncate -s %s %s.fs; %s %2$s.fs >/dev/null 2>&1".formatted(size, name, make));
    Path image = dir.resolve(name + "-image");
    assertThat(save(dir.resolve(name + ".fs"), image, ClonezillaOptions.defaults())).isEmpty();
    assertThat(image.resolve("sda.%s-ptcl-img.zst".formatted(program))).exists();
    SampleMachine.shell(
        dir,
        """
        truncate -s %1$s %2$s.back
        zstd -dc %2$s-image/sda.%3$s-ptcl-img.zst | partclone.restore -C -z 10485760 -L /dev/null -s - -O %2$s.back >/dev/null 2>&1
        %4$s %2$s.back >/dev/null 2>&1
        """
            .formatted(size, name, program, check));
    try (Image ours = Image.open(image, ImageOptions.reading());
        Image theirs =
            Image.open(dir.resolve(name + ".back"), ImageOptions.reading().withFormat("raw"))) {
      assertThat(DiskCompare.firstDifference(ours.disk(), theirs.disk(), JobContext.SILENT))
          .as(name)
          .isEmpty();
    }
  }

  @Test
  void logicalVolumesAreMadeAgain() throws Exception {
    Path sample = Shared.sample("dfvfs/lvm.qcow2");
    Path image = dir.resolve("image");
    save(sample, image, ClonezillaOptions.defaults());
    assertThat(image.resolve("lvm_vg_dev.list")).exists();
    try (Image original = Image.open(sample, ImageOptions.reading());
        Volumes before = Volumes.of(original.disk(), VolumeKeys.none());
        Image again = Image.open(image, ImageOptions.reading());
        Volumes after = Volumes.of(again.disk(), VolumeKeys.none())) {
      VolumeGroup old = before.groups().getFirst();
      VolumeGroup made = after.groups().getFirst();
      assertThat(made.uuid()).isEqualTo(old.uuid());
      assertThat(made.logicalVolumes()).isEqualTo(old.logicalVolumes());
      assertThat(made.logicalVolumes()).isNotEmpty();
      for (LogicalVolume volume : old.logicalVolumes()) {
        try (ClonezillaImage saved = ClonezillaImage.open(image)) {
          Disk content = saved.disk(volume.group() + "/" + volume.name());
          assertThat(
                  DiskCompare.firstDifference(
                      made.open(made.find(volume.name()).orElseThrow()),
                      content,
                      JobContext.SILENT))
              .isEmpty();
        }
      }
    }
  }

  @Test
  void leavesNothingOfWhatFails() throws Exception {
    Path disk = dir.resolve("disk.img");
    Image.create(disk, "raw", CreateOptions.ofSize(8 << 20));
    Path target = dir.resolve("image");
    JobContext cancelled =
        new JobContext() {
          @Override
          public void progress(String step, long done, long total) {}

          @Override
          public void checkCancelled() {
            throw new CancellationException();
          }
        };
    try (Image image = Image.open(disk, ImageOptions.reading().withFormat("raw"))) {
      assertThatThrownBy(() ->
              ClonezillaWriter.write(
                  image.disk(), target, ClonezillaOptions.defaults(), NOW, cancelled))
          .isInstanceOf(CancellationException.class);
      assertThat(dir.toFile().list()).containsExactly("disk.img");
      ClonezillaWriter.write(
          image.disk(), target, ClonezillaOptions.defaults(), NOW, JobContext.SILENT);
      assertThatThrownBy(() ->
              ClonezillaWriter.write(
                  image.disk(), target, ClonezillaOptions.defaults(), NOW, JobContext.SILENT))
          .isInstanceOf(FileAlreadyExistsException.class);
      Files.createDirectory(dir.resolve("other.part"));
      assertThatThrownBy(() ->
              ClonezillaWriter.write(
                  image.disk(),
                  dir.resolve("other"),
                  ClonezillaOptions.defaults(),
                  NOW,
                  JobContext.SILENT))
          .isInstanceOf(FileSystemException.class)
          .hasMessageContaining("delete the directory");
    }
  }

  @Test
  void nothingOfAGuestReachesAShell() {
    assertThat(ShellWord.of("data_1")).isEqualTo("data_1");
    for (String hostile : List.of("$(reboot)", "a\"; reboot; \"", "`x`", "a\nb", "a b", "'")) {
      assertThat(ShellWord.of(hostile)).isEmpty();
    }
  }

  @Test
  void refusesNamesThatNoDiskHas() {
    for (String name : List.of("sda", "nvme0n1", "mmcblk0", "vdb", "xvda", "loop0", "sdaa")) {
      assertThat(ClonezillaOptions.isDiskName(name)).as(name).isTrue();
    }
    for (String name : List.of("", "../sda", "sda1", "/dev/sda", "sd a", "nvme0n1p1")) {
      assertThat(ClonezillaOptions.isDiskName(name)).as(name).isFalse();
    }
  }
}
