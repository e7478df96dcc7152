package io.calco.volume.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.Extent;
import io.calco.disk.MemoryDriver;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.testkit.Seeds;
import io.calco.volume.SampleDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A group that the kernel's device-mapper wrote; `sample-vg.sh` tells how. What its volumes hold
/// was summed there.
class SampleGroupTest {
  private static final int DISKS = 3;

  @Test
  void readsEveryVolumeAsTheKernelDid() throws Exception {
    VolumeGroup group = group(disks());
    Map<String, String> sums = sums();
    sums.remove("raid5");
    for (Map.Entry<String, String> sum : sums.entrySet()) {
      LogicalVolume volume = group.find(sum.getKey()).orElseThrow();
      Disk disk = group.open(volume);
      assertThat(disk.size()).isEqualTo(volume.size());
      assertThat(SampleDisk.sha256(disk)).as(volume.name()).isEqualTo(sum.getValue());
    }
    assertThat(group.logicalVolumes()).hasSize(sums.size() + 1);
  }

  @Test
  void namesVolumesAsLinuxDoes() throws Exception {
    VolumeGroup group = group(disks());
    assertThat(group.find("home-dirs").orElseThrow().deviceList())
        .containsExactly("/dev/sample-vg/home-dirs", "/dev/mapper/sample--vg-home--dirs");
    assertThat(group.missing()).isEmpty();
    Map<String, String> kinds = new HashMap<>();
    Map<String, String> readOnly = new HashMap<>();
    for (LogicalVolume volume : group.logicalVolumes()) {
      kinds.put(volume.name(), volume.kind());
      readOnly.put(volume.name(), volume.readOnly().orElse(""));
    }
    assertThat(kinds)
        .containsEntry("root", "linear")
        .containsEntry("striped", "striped")
        .containsEntry("raid0", "raid0")
        .containsEntry("raid1", "raid1")
        .containsEntry("mirlog", "mirror")
        .containsEntry("datasnap", "snapshot")
        .containsEntry("thin1", "thin")
        .doesNotContainKeys("pool", "snapshot0", "raid1_rimage_0", "lvol0_pmspare");
    assertThat(readOnly)
        .containsEntry("root", "")
        .containsEntry("striped", "")
        .containsEntry("raid0", "")
        .containsEntry("raid1", "it is mirrored")
        .containsEntry("data", "it has snapshots, which a change would damage")
        .containsEntry("home-dirs", "its volume group makes it read-only");
  }

  @Test
  void refusesByName() throws Exception {
    VolumeGroup group = group(disks());
    assertThatThrownBy(() -> group.open(group.find("raid5").orElseThrow()))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("raid5");
  }

  @Test
  void aMissingPhysicalVolumeCostsOnlyWhatLiesOnIt() throws Exception {
    List<Disk> disks = disks();
    VolumeGroup group = group(List.of(disks.get(0), disks.get(2)));
    assertThat(group.missing()).hasSize(1);
    Map<String, String> sums = sums();
    for (String whole : List.of("raid1", "mirror", "mirlog", "data", "datasnap", "home-dirs")) {
      assertThat(SampleDisk.sha256(group.open(group.find(whole).orElseThrow())))
          .as(whole)
          .isEqualTo(sums.get(whole));
    }
    for (String lost : List.of("root", "striped", "raid0")) {
      assertThatThrownBy(() -> group.open(group.find(lost).orElseThrow()))
          .as(lost)
          .isInstanceOf(UnsupportedFeatureException.class)
          .hasMessageContaining(group.missing().getFirst().text());
    }
  }

  @Test
  void readsAMirrorFromTheLegThatIsLeft() throws Exception {
    List<Disk> disks = disks();
    VolumeGroup group = group(List.of(disks.get(1), disks.get(2)));
    assertThat(SampleDisk.sha256(group.open(group.find("raid1").orElseThrow())))
        .isEqualTo(sums().get("raid1"));
  }

  @Test
  void knowsWhatThinVolumesDoNotHold() throws Exception {
    VolumeGroup group = group(disks());
    Disk thin = group.open(group.find("thin1").orElseThrow());
    assertThat(thin.extentAt(0, thin.size())).isEqualTo(new Extent(0, 512 << 10, true, false));
    assertThat(thin.extentAt(512 << 10, thin.size() - (512 << 10)).readsZero()).isTrue();
    assertThat(thin.extentAt(512 << 10, thin.size() - (512 << 10)).allocated()).isFalse();
  }

  @Test
  void writesStripedVolumesInPlace() throws Exception {
    List<Disk> disks = disks();
    Disk striped = group(disks).open(group(disks).find("striped").orElseThrow());
    byte[] bytes = new byte[200_000];
    new Random(1).nextBytes(bytes);
    striped.writeBytes(70_000, bytes);
    VolumeGroup again = group(disks);
    assertThat(again.open(again.find("striped").orElseThrow()).readBytes(70_000, bytes.length))
        .isEqualTo(bytes);
  }

  /// Damaged bytes where the metadata lies, the sums put right again half of the time.
  @Test
  void damageGivesOurExceptionsOnly() throws Exception {
    byte[] first = SampleDisk.bytes(SampleGroupTest.class, "sample-pv1.raw.xz");
    List<byte[]> others =
        List.of(
            SampleDisk.bytes(SampleGroupTest.class, "sample-pv2.raw.xz"),
            SampleDisk.bytes(SampleGroupTest.class, "sample-pv3.raw.xz"));
    byte[] text =
        PhysicalVolume.find(Disk.owning(new MemoryDriver(first.clone())))
            .orElseThrow()
            .areas()
            .getFirst()
            .text()
            .orElseThrow();
    Seeds.run(
        300,
        random -> {
          byte[] bad = text.clone();
          mutate(bad, random);
          openAll(bad, others, first);
        });
  }

  private static void mutate(byte[] text, Random random) {
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(text.length);
      if (random.nextBoolean() && at + 8 < text.length) {
        byte[] digits = Long.toString(random.nextLong()).getBytes(StandardCharsets.US_ASCII);
        while (at < text.length - 1 && (text[at] < '0' || text[at] > '9')) {
          at++;
        }
        System.arraycopy(digits, 0, text, at, Math.min(1 + random.nextInt(8), text.length - at));
      } else {
        text[at] = (byte) random.nextInt(128);
      }
    }
  }

  private static void openAll(byte[] text, List<byte[]> others, byte[] first) throws IOException {
    try {
      GroupText group = GroupText.parse(text);
      List<PhysicalVolume> volumes = new ArrayList<>();
      for (byte[] disk : List.of(first, others.get(0), others.get(1))) {
        volumes.add(
            PhysicalVolume.find(Disk.owning(new MemoryDriver(disk)).readOnly()).orElseThrow());
      }
      VolumeGroup parsed = VolumeGroup.of(group, volumes);
      for (LogicalVolume volume : parsed.logicalVolumes()) {
        try {
          Disk disk = parsed.open(volume);
          disk.readBytes(0, 4096);
          disk.readBytes(disk.size() - 4096, 4096);
        } catch (DiskException e) {
          assertThat(e).hasMessageNotContaining("\n");
        }
      }
    } catch (DiskException e) {
      assertThat(e).hasMessageNotContaining("\n");
    }
  }

  /// The thin pool's metadata, a snapshot's store, labels and headers.
  @Test
  void damagedStructuresGiveOurExceptionsOnly() throws Exception {
    byte[][] sound = new byte[DISKS][];
    for (int i = 0; i < DISKS; i++) {
      sound[i] = SampleDisk.bytes(SampleGroupTest.class, "sample-pv%d.raw.xz".formatted(i + 1));
    }
    Seeds.run(
        20,
        random -> {
          List<Disk> disks = new ArrayList<>();
          for (byte[] disk : sound) {
            byte[] bad =
                Arrays.copyOf(
                    disk, random.nextInt(4) == 0 ? random.nextInt(disk.length) : disk.length);
            for (int i = 0; i < 2000; i++) {
              int at = random.nextInt(random.nextBoolean() ? 8192 : bad.length);
              if (at < bad.length && (at >= 8192 || random.nextInt(400) == 0)) {
                bad[at] = (byte) random.nextInt();
              }
            }
            disks.add(Disk.owning(new MemoryDriver(bad)));
          }
          readAll(disks);
        });
  }

  private static void readAll(List<Disk> disks) throws IOException {
    List<PhysicalVolume> volumes = new ArrayList<>();
    for (Disk disk : disks) {
      try {
        PhysicalVolume.find(disk).ifPresent(volumes::add);
      } catch (DiskException e) {
        assertThat(e).hasMessageNotContaining("\n");
      }
    }
    for (VolumeGroup group : VolumeGroup.assemble(volumes).groups()) {
      for (LogicalVolume volume : group.logicalVolumes()) {
        try {
          SampleDisk.sha256(group.open(volume));
        } catch (DiskException e) {
          assertThat(e).hasMessageNotContaining("\n");
        }
      }
    }
  }

  static List<Disk> disks() throws IOException {
    List<Disk> disks = new ArrayList<>();
    for (int i = 1; i <= DISKS; i++) {
      disks.add(SampleDisk.open(SampleGroupTest.class, "sample-pv%d.raw.xz".formatted(i)));
    }
    return disks;
  }

  static VolumeGroup group(List<Disk> disks) throws IOException {
    List<PhysicalVolume> volumes = new ArrayList<>();
    for (Disk disk : disks) {
      volumes.add(PhysicalVolume.find(disk).orElseThrow());
    }
    return VolumeGroup.assemble(volumes).groups().getFirst();
  }

  private static Map<String, String> sums() throws IOException {
    Map<String, String> sums = new HashMap<>();
    try (var in =
        Objects.requireNonNull(SampleGroupTest.class.getResourceAsStream("sample-vg.sha256"))) {
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .forEach(line -> sums.put(line.substring(66), line.substring(0, 64)));
    }
    return sums;
  }
}
