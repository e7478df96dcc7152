package io.calco.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.MemoryDriver;
import io.calco.disk.Passphrase;
import io.calco.testkit.Oracle;
import io.calco.volume.luks.Luks;
import io.calco.volume.lvm.LogicalVolume;
import io.calco.volume.md.MdMember;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VolumesTest {
  private static final long MIB = 1 << 20;

  @TempDir Path dir;

  @Test
  void aBareDiskIsOneLeaf() throws Exception {
    try (Volumes volumes = Volumes.of(Disk.blank(MIB), VolumeKeys.none())) {
      assertThat(volumes.all()).extracting(Volume::name).containsExactly("whole disk");
      assertThat(volumes.all().getFirst().leaf()).isTrue();
    }
  }

  @Test
  void gathersAGroupAcrossPartitions() throws Exception {
    Path file = TableTools.resize(dir.resolve("disk"), 80 * MIB);
    TableTools.sfdisk(
        file, "label: gpt\nstart=2048, size=49152\nsize=49152\nsize=49152\nsize=2048\n");
    try (Image image = TableTools.open(file, ImageOptions.Access.WRITE)) {
      PartitionTable table = PartitionTable.find(image.disk()).orElseThrow();
      for (int i = 1; i <= 3; i++) {
        table
            .find(i)
            .orElseThrow()
            .slice(image.disk())
            .writeBytes(
                0, SampleDisk.bytes(LogicalVolume.class, "sample-pv%d.raw.xz".formatted(i)));
      }
      try (Volumes volumes = Volumes.of(image.disk(), VolumeKeys.none())) {
        assertThat(volumes.all())
            .extracting(Volume::name)
            .startsWith("partition 1", "partition 2", "partition 3", "partition 4")
            .contains("/dev/sample-vg/root", "/dev/sample-vg/thin1snap", "/dev/sample-vg/raid5");
        Volume root = named(volumes, "/dev/sample-vg/root");
        assertThat(root.devices()).contains("/dev/mapper/sample--vg-root");
        assertThat(root.parents())
            .extracting(Volume::container)
            .containsOnly(Optional.of("LVM2_member"));
        assertThat(root.disk().orElseThrow().capabilities().writable()).isTrue();
        assertThat(named(volumes, "/dev/sample-vg/raid1").readOnly()).contains("it is mirrored");
        assertThat(named(volumes, "/dev/sample-vg/raid5").unreadable().orElseThrow())
            .contains("raid5");
      }
    }
  }

  @Test
  void opensWhatIsInAnEncryptedVolume() throws Exception {
    Path file = TableTools.resize(dir.resolve("luks"), 48 * MIB);
    Path key = Files.writeString(dir.resolve("key"), "open sesame");
    Oracle.named("cryptsetup")
        .run(
            "luksFormat",
            "-q",
            "--type",
            "luks2",
            "--pbkdf",
            "pbkdf2",
            "--pbkdf-force-iterations",
            "1000",
            "--key-file",
            key,
            file)
        .succeeds();
    try (Image image = TableTools.open(file, ImageOptions.Access.WRITE);
        Passphrase right = passphrase("open sesame");
        Passphrase wrong = passphrase("open barley")) {
      try (Disk clear = Luks.open(image.disk(), right)) {
        clear.writeBytes(0, SampleDisk.bytes(LogicalVolume.class, "sample-pv1.raw.xz"));
      }
      try (Volumes volumes = Volumes.of(image.disk(), VolumeKeys.none())) {
        assertThat(volumes.all()).hasSize(1);
        assertThat(volumes.all().getFirst().container()).contains("crypto_LUKS");
        assertThat(volumes.all().getFirst().unreadable().orElseThrow())
            .contains("no passphrase was given");
      }
      String uuid = Luks.uuid(image.disk());
      VolumeKeys keys =
          asked -> asked.uuid().equals(Optional.of(uuid)) ? List.of(wrong, right) : List.of();
      try (Volumes volumes = Volumes.of(image.disk(), keys)) {
        assertThat(volumes.all())
            .extracting(Volume::name)
            .startsWith("whole disk", "LUKS in whole disk")
            .contains("/dev/sample-vg/data");
        assertThat(named(volumes, "LUKS in whole disk").devices())
            .containsExactly("/dev/mapper/luks-" + uuid);
        assertThat(named(volumes, "whole disk").unreadable()).isEmpty();
        assertThat(named(volumes, "/dev/sample-vg/data").disk()).isPresent();
        assertThat(named(volumes, "/dev/sample-vg/root").unreadable().orElseThrow())
            .contains("not here");
      }
    }
  }

  @Test
  void opensAMirrorFromOneMember() throws Exception {
    byte[] member = SampleDisk.bytes(MdMember.class, "md0.raw.xz");
    try (Volumes volumes = Volumes.of(Disk.owning(new MemoryDriver(member)), VolumeKeys.none())) {
      assertThat(volumes.all())
          .extracting(Volume::name)
          .containsExactly("whole disk", "/dev/md/md1");
      assertThat(volumes.all().getFirst().container()).contains("linux_raid_member");
      assertThat(volumes.all().getLast().readOnly()).contains("it is mirrored");
    }
  }

  @Test
  void tellsMapsThatItDoesNotReadByName() throws Exception {
    Path mac = TableTools.resize(dir.resolve("mac"), 8 * MIB);
    Oracle.named("parted").run("--script", mac, "mklabel", "mac").succeeds();
    Path windows = TableTools.resize(dir.resolve("ldm"), 8 * MIB);
    TableTools.sfdisk(windows, "label: dos\nstart=63, size=16000, type=42\n");
    for (Path file : List.of(mac, windows)) {
      try (Image image = TableTools.open(file, ImageOptions.Access.READ);
          Volumes volumes = Volumes.of(image.disk(), VolumeKeys.none())) {
        assertThat(volumes.all()).hasSize(1);
        assertThat(volumes.all().getFirst().container()).contains(file.getFileName().toString());
        assertThat(volumes.all().getFirst().unreadable().orElseThrow()).contains("does not read");
      }
    }
  }

  private static Volume named(Volumes volumes, String name) {
    return volumes.all().stream()
        .filter(volume -> volume.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Passphrase passphrase(String text) throws IOException {
    return Passphrase.of(text.getBytes(StandardCharsets.UTF_8));
  }
}
