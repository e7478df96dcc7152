package io.calco.volume.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.LocalFile;
import io.calco.testkit.LvmTool;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Physical volumes made again from vgcfgbackup's text, before lvm(8)'s eyes.
class GroupBackupTest {
  private static final long SIZE = 48L << 20;

  @TempDir Path dir;

  private List<Path> files(String name) throws IOException {
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Path file = dir.resolve(name + i);
      try (LocalFile made = LocalFile.create(file)) {
        made.truncate(SIZE);
      }
      files.add(file);
    }
    return files;
  }

  private static Disk writable(Path file, List<Image> images) throws IOException {
    Image image =
        Image.open(file, ImageOptions.reading().withFormat("raw").with(ImageOptions.Access.WRITE));
    images.add(image);
    return image.disk();
  }

  private static VolumeGroup assembled(List<Disk> disks) throws IOException {
    List<PhysicalVolume> volumes = new ArrayList<>();
    for (Disk disk : disks) {
      volumes.add(PhysicalVolume.find(disk).orElseThrow());
    }
    return VolumeGroup.assemble(volumes).groups().getFirst();
  }

  /// A group on two files; the text that vgcfgbackup writes of it.
  private Path makeGroup(List<Path> files) throws IOException {
    Path text = dir.resolve("vg.conf");
    try (LvmTool lvm = new LvmTool(files)) {
      lvm.run("pvcreate", lvm.device(0));
      lvm.run("pvcreate", lvm.device(1));
      lvm.run("vgcreate", "--physicalextentsize", "1m", "vg", lvm.device(0), lvm.device(1));
      lvm.run("lvcreate", "-an", "-Zn", "-Wn", "-L", "10m", "-n", "root", "vg", lvm.device(0));
      lvm.run(
          "lvcreate", "-an", "-Zn", "-Wn", "-L", "16m", "-i2", "-I", "64k", "-n", "striped", "vg");
      lvm.run("lvcreate", "-an", "-Zn", "-Wn", "-L", "5m", "-n", "more", "vg", lvm.device(1));
      lvm.run("lvextend", "-L", "+4m", "vg/root");
      lvm.run("vgcfgbackup", "-f", text, "vg");
    }
    return text;
  }

  @Test
  void isWhatTheGroupWas() throws Exception {
    List<Path> files = files("old");
    Path text = makeGroup(files);
    List<Path> again = files("new");
    List<Image> images = new ArrayList<>();
    try {
      List<Disk> disks = new ArrayList<>();
      for (Path file : files) {
        disks.add(writable(file, images));
      }
      VolumeGroup group = assembled(disks);
      Seeds.run(1, random -> fill(group, random));
      GroupBackup backup = GroupBackup.parse(Files.readAllBytes(text));
      assertThat(backup.obstacle()).isEmpty();
      for (GroupBackup.Physical physical : backup.physicalVolumes()) {
        Disk remade = backup.remake(physical, SIZE, volume -> opened(group, volume));
        assertThat(remade.capabilities().writable()).isFalse();
        byte[] bytes = remade.readBytes(0, (int) SIZE);
        writable(again.get(images.size() - files.size()), images).writeBytes(0, bytes);
      }
      List<Disk> remade = images.subList(2, 4).stream().map(Image::disk).toList();
      VolumeGroup other = assembled(remade);
      assertThat(other.name()).isEqualTo("vg");
      for (LogicalVolume volume : group.logicalVolumes()) {
        assertThat(bytes(other.open(other.find(volume.name()).orElseThrow())))
            .as(volume.name())
            .isEqualTo(bytes(group.open(volume)));
      }
    } finally {
      for (Image image : images) {
        image.close();
      }
    }
    try (LvmTool lvm = new LvmTool(again)) {
      lvm.check();
      assertThat(lvm.report("lvs", "lv_name")).containsExactlyInAnyOrder("root", "striped", "more");
      assertThat(lvm.report("pvs", "vg_name")).containsOnly("vg");
      lvm.run(
          "lvcreate", "-an", "-Zn", "-Wn", "-L", "1m", "-n", "further", "vg"); // it can be written
    }
  }

  private static void fill(VolumeGroup group, Random random) throws IOException {
    for (LogicalVolume volume : group.logicalVolumes()) {
      byte[] bytes = new byte[(int) volume.size()];
      random.nextBytes(bytes);
      group.open(volume).write(0, MemorySegment.ofArray(bytes));
    }
  }

  private static Optional<Disk> opened(VolumeGroup group, LogicalVolume volume) throws IOException {
    return Optional.of(group.open(group.find(volume.name()).orElseThrow()));
  }

  private static byte[] bytes(Disk disk) throws IOException {
    return disk.readBytes(0, (int) disk.size());
  }

  @Test
  void textIsTakenByVgcfgrestore() throws Exception {
    List<Path> files = files("old");
    makeGroup(files);
    List<Image> images = new ArrayList<>();
    Path text = dir.resolve("ours.conf");
    try {
      Files.write(
          text,
          GroupBackup.of(
                  assembled(
                      List.of(writable(files.get(0), images), writable(files.get(1), images))))
              .text());
    } finally {
      for (Image image : images) {
        image.close();
      }
    }
    try (LvmTool lvm = new LvmTool(files)) {
      lvm.run("vgcfgrestore", "-f", text, "vg");
      lvm.check();
      assertThat(lvm.report("lvs", "lv_name")).containsExactlyInAnyOrder("root", "striped", "more");
    }
  }

  @Test
  void refusesWhatContradicts() throws Exception {
    String good =
        """
        contents = "Text Format Volume Group"
        version = 1
        vg {
        id = "AAAAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAAAA"
        seqno = 1
        status = ["READ", "WRITE"]
        extent_size = 2048
        physical_volumes { pv0 {
        id = "BBBBBB-BBBB-BBBB-BBBB-BBBB-BBBB-BBBBBB"
        pe_start = 2048
        pe_count = 10
        } }
        logical_volumes { root {
        id = "CCCCCC-CCCC-CCCC-CCCC-CCCC-CCCC-CCCCCC"
        status = ["READ", "WRITE", "VISIBLE"]
        segment_count = 1
        segment1 {
        start_extent = 0
        extent_count = 4
        type = "striped"
        stripe_count = 1
        stripes = [ "pv0", 3 ]
        } } } }
        """;
    GroupBackup backup = parse(good);
    GroupBackup.Physical physical = backup.physicalVolumes().getFirst();
    assertThat(physical.end()).isEqualTo(11L << 20);
    Disk remade = backup.remake(physical, 12L << 20, volume -> Optional.empty());
    assertThat(assembled(List.of(remade)).logicalVolumes()).hasSize(1);
    assertThatThrownBy(() -> backup.remake(physical, 10L << 20, volume -> Optional.empty()))
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining("beyond its end 0xa00000");
    GroupBackup beyond = parse(good.replace("\"pv0\", 3", "\"pv0\", 8"));
    assertThatThrownBy(() ->
            beyond.remake(physical, 12L << 20, volume -> Optional.of(Disk.blank(volume.size()))))
        .hasMessageContaining("found 4 extents from 8")
        .hasMessageContaining("which has 10");
    assertThatThrownBy(
            () -> backup.remake(physical, 12L << 20, volume -> Optional.of(Disk.blank(512))))
        .hasMessageContaining("found a content of 512 bytes, expected 4194304");
    assertThat(parse(good.replace("\"striped\"", "\"raid5\"")).obstacle())
        .contains("the volume root of the group vg is neither linear nor striped");
    assertThatThrownBy(() ->
            parse(good.replace("pe_start = 2048", "pe_start = 8"))
                .remake(
                    parse(good.replace("pe_start = 2048", "pe_start = 8"))
                        .physicalVolumes()
                        .getFirst(),
                    12L << 20,
                    volume -> Optional.empty()))
        .isInstanceOf(DiskException.class)
        .hasMessageContaining("before extents that begin at 0x1000");
  }

  private static GroupBackup parse(String text) throws IOException {
    return GroupBackup.parse(text.getBytes(StandardCharsets.UTF_8));
  }
}
