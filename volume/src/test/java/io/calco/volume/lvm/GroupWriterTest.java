package io.calco.volume.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.MemoryDriver;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.testkit.LvmTool;
import io.calco.testkit.Seeds;
import io.calco.volume.SampleDisk;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupWriterTest {
  private static final long MIB = 1 << 20;

  @TempDir Path dir;

  @Test
  void changesUuidsAsLvmAccepts() throws Exception {
    List<Path> files = List.of(file("a", 40 * MIB), file("b", 32 * MIB));
    make(files);
    List<String> before = lvm(files, "pvs", "pv_uuid");
    Random random = new Random(7);
    for (int round = 0; round < 12; round++) { // goes round the ring of text
      try (Disks disks = new Disks(files)) {
        VolumeGroup group = disks.group();
        GroupWriter.of(group).changeUuids(LvmUuid.random(random), () -> LvmUuid.random(random));
      }
    }
    try (LvmTool lvm = new LvmTool(files)) {
      lvm.check();
      assertThat(lvm.report("vgs", "vg_seqno")).containsExactly("15");
      assertThat(lvm.report("lvs", "lv_name")).containsExactly("data", "root");
      assertThat(lvm.report("pvs", "pv_uuid")).hasSize(2).doesNotContainAnyElementsOf(before);
    }
    try (Disks disks = new Disks(files)) {
      VolumeGroup group = disks.group();
      assertThat(lvm(files, "vgs", "vg_uuid")).containsExactly(group.uuid().text());
      assertThat(lvm(files, "pvs", "pv_uuid"))
          .containsExactlyInAnyOrderElementsOf(
              group.physicalVolumes().stream().map(v -> v.uuid().text()).toList());
    }
  }

  @Test
  void growsAsLvmDoes() throws Exception {
    Seeds.run(
        4,
        random -> {
          List<Path> files = List.of(file("a", 40 * MIB), file("b", 32 * MIB));
          make(files);
          int which = random.nextInt(2);
          Path larger = files.get(which);
          resize(larger, Files.size(larger) + 1 + random.nextLong(30 * MIB));
          String name = random.nextBoolean() ? "root" : "data";
          long rootSize;
          try (Disks disks = new Disks(files)) {
            VolumeGroup group = disks.group();
            Disk before = group.open(group.find(name).orElseThrow());
            before.writeBytes(before.size() - 3, new byte[] {1, 2, 3});
            GroupWriter.of(group)
                .grow(group.physicalVolumes().get(which), group.find(name).orElseThrow());
            VolumeGroup after = disks.group();
            Disk now = after.open(after.find(name).orElseThrow());
            assertThat(now.size()).isGreaterThan(before.size());
            assertThat(now.readBytes(before.size() - 3, 3)).containsExactly(1, 2, 3);
            rootSize = now.size();
          }
          try (LvmTool lvm = new LvmTool(files)) {
            lvm.check();
            assertThat(lvm.report("lvs", "lv_name,lv_size"))
                .anyMatch(line -> line.matches(name + "\\s+" + rootSize));
            assertThat(lvm.report("pvs", "pv_free").get(which)).isEqualTo("0");
            lvm.run("lvreduce", "--force", "--yes", "--extents", "1", "vg0/" + name);
            lvm.run("pvresize", lvm.device(which));
          }
          for (Path file : files) {
            Files.delete(file);
          }
        });
  }

  @Test
  void refusesWhatItCannotGrow() throws Exception {
    VolumeGroup group = SampleGroupTest.group(SampleGroupTest.disks());
    for (String name : List.of("striped", "raid1", "thin1", "data", "datasnap", "home-dirs")) {
      assertThatThrownBy(() ->
              GroupWriter.of(group)
                  .grow(group.physicalVolumes().getFirst(), group.find(name).orElseThrow()))
          .as(name)
          .isInstanceOf(UnsupportedFeatureException.class);
    }
  }

  /// Volumes of every kind read the same after the text was written anew.
  @Test
  void keepsWhatItDoesNotKnow() throws Exception {
    List<Disk> disks = SampleGroupTest.disks();
    VolumeGroup before = SampleGroupTest.group(disks);
    List<String> sums = sums(before);
    Random random = new Random(3);
    GroupWriter.of(before).changeUuids(LvmUuid.random(random), () -> LvmUuid.random(random));
    assertThat(sums(SampleGroupTest.group(disks))).isEqualTo(sums);
    List<Path> files = new ArrayList<>();
    for (Disk disk : disks) {
      files.add(
          Files.write(dir.resolve("sample" + files.size()), disk.readBytes(0, (int) disk.size())));
    }
    try (LvmTool lvm = new LvmTool(files)) {
      lvm.check();
      assertThat(lvm.report("lvs", "lv_name")).contains("thin1snap", "raid5", "datasnap", "pool");
    }
  }

  /// Cut after any write, half of a sector's neighbours lost or not: the group is the old one or
  /// the new one, and can be changed again.
  @Test
  void everyCutLeavesOneGroup() throws Exception {
    byte[] base = SampleDisk.bytes(SampleGroupTest.class, "sample-pv1.raw.xz");
    List<byte[]> others =
        List.of(
            SampleDisk.bytes(SampleGroupTest.class, "sample-pv2.raw.xz"),
            SampleDisk.bytes(SampleGroupTest.class, "sample-pv3.raw.xz"));
    int cut = 0;
    boolean more = true;
    while (more) {
      int[] left = {cut++};
      List<Disk> disks = new ArrayList<>();
      for (byte[] bytes : List.of(base, others.get(0), others.get(1))) {
        disks.add(Disk.owning(new Stopping(bytes.clone(), left)));
      }
      VolumeGroup before = SampleGroupTest.group(disks);
      Random random = new Random(cut);
      try {
        GroupWriter.of(before).changeUuids(LvmUuid.random(random), () -> LvmUuid.random(random));
        more = false;
      } catch (UncheckedIOException e) {
        assertThat(e.getCause()).hasMessage("cut");
      }
      left[0] = Integer.MAX_VALUE;
      List<PhysicalVolume> found = new ArrayList<>();
      for (Disk disk : disks) {
        found.add(PhysicalVolume.find(disk).orElseThrow());
      }
      for (PhysicalVolume volume : found) {
        assertThat(volume.problems()).isEmpty();
      }
    }
    assertThat(cut).isGreaterThan(8);
  }

  @Test
  void aGroupOfOneIsWholeAtEveryCut() throws Exception {
    List<Path> files = List.of(file("one", 16 * MIB));
    try (LvmTool lvm = new LvmTool(files)) {
      lvm.run("pvcreate", "-ff", "-y", "--pvmetadatacopies", "2", lvm.device(0));
      lvm.run("vgcreate", "-s", "1m", "vg0", lvm.device(0));
      lvm.run("lvcreate", "-an", "-Wn", "-Zn", "-n", "root", "-l", "4", "vg0");
    }
    byte[] base = Files.readAllBytes(files.getFirst());
    boolean more = true;
    for (int cut = 0; more; cut++) {
      int[] left = {cut};
      List<Disk> disks = List.of(Disk.owning(new Stopping(base.clone(), left)));
      VolumeGroup before = SampleGroupTest.group(disks);
      Random random = new Random(cut);
      try {
        GroupWriter.of(before).changeUuids(LvmUuid.random(random), () -> LvmUuid.random(random));
        more = false;
      } catch (UncheckedIOException e) {
        assertThat(e.getCause()).hasMessage("cut");
      }
      left[0] = Integer.MAX_VALUE;
      VolumeGroup after = SampleGroupTest.group(disks);
      assertThat(after.missing()).isEmpty();
      assertThat(after.open(after.find("root").orElseThrow()).size()).isEqualTo(4 * MIB);
      GroupWriter.of(after).changeUuids(LvmUuid.random(random), () -> LvmUuid.random(random));
      Path mended = Files.write(dir.resolve("mended"), disks.getFirst().readBytes(0, base.length));
      try (LvmTool lvm = new LvmTool(List.of(mended))) {
        lvm.check();
        assertThat(lvm.report("lvs", "lv_name")).containsExactly("root");
      }
    }
  }

  private static final class Stopping extends MemoryDriver {
    private final int[] left;

    Stopping(byte[] bytes, int[] left) {
      super(bytes);
      this.left = left;
    }

    @Override
    public void write(long offset, MemorySegment src) {
      if (left[0]-- <= 0) {
        throw new UncheckedIOException(new IOException("cut"));
      }
      super.write(offset, src);
    }
  }

  private static List<String> sums(VolumeGroup group) throws IOException {
    List<String> sums = new ArrayList<>();
    for (LogicalVolume volume : group.logicalVolumes()) {
      if (!volume.kind().equals("raid5")) {
        sums.add(volume.name() + SampleDisk.sha256(group.open(volume)));
      }
    }
    return sums;
  }

  private static void make(List<Path> files) throws IOException {
    try (LvmTool lvm = new LvmTool(files)) {
      lvm.run("pvcreate", "-ff", "-y", lvm.device(0));
      lvm.run("pvcreate", "-ff", "-y", lvm.device(1));
      lvm.run("vgcreate", "-s", "1m", "vg0", lvm.device(0), lvm.device(1));
      lvm.run("lvcreate", "-an", "-Wn", "-Zn", "-n", "root", "-l", "20", "vg0", lvm.device(0));
      lvm.run("lvcreate", "-an", "-Wn", "-Zn", "-n", "data", "-l", "10", "vg0", lvm.device(1));
    }
  }

  private static List<String> lvm(List<Path> files, String command, String column)
      throws IOException {
    try (LvmTool lvm = new LvmTool(files)) {
      return lvm.report(command, column);
    }
  }

  private Path file(String name, long size) throws IOException {
    return resize(dir.resolve(name), size);
  }

  private static Path resize(Path file, long size) throws IOException {
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength(size);
    }
    return file;
  }

  /// Files as disks.
  private static final class Disks implements AutoCloseable {
    private final List<Image> images = new ArrayList<>();

    Disks(List<Path> files) throws IOException {
      for (Path file : files) {
        images.add(
            Image.open(
                file, ImageOptions.reading().withFormat("raw").with(ImageOptions.Access.WRITE)));
      }
    }

    VolumeGroup group() throws IOException {
      List<Disk> disks = new ArrayList<>();
      for (Image image : images) {
        disks.add(image.disk());
      }
      return SampleGroupTest.group(disks);
    }

    @Override
    public void close() throws IOException {
      for (Image image : images) {
        image.close();
      }
    }
  }
}
