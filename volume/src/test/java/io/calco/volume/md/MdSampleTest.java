package io.calco.volume.md;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.MemoryDriver;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import io.calco.volume.SampleDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Arrays that the kernel's md wrote; `md.sh` tells how.
class MdSampleTest {
  private static final int DISKS = 10;

  @TempDir Path dir;

  @Test
  void readsEveryArrayAsTheKernelDid() throws Exception {
    List<MdArray> arrays = MdArray.assemble(members(disks()));
    List<String> sums = sums();
    assertThat(arrays).hasSize(sums.size());
    for (int i = 0; i < sums.size(); i++) {
      assertThat(SampleDisk.sha256(arrays.get(i).open()) + "  md" + (i + 1)).isEqualTo(sums.get(i));
    }
    assertThat(arrays)
        .extracting(array -> array.members().getFirst().levelName())
        .containsExactly("raid1", "raid1", "raid1", "raid0", "linear");
    assertThat(arrays)
        .extracting(array -> array.members().getFirst().version())
        .containsExactly("1.2", "0.90", "1.0", "1.1", "1.2");
    assertThat(arrays.get(0).devices()).contains("/dev/md/md1");
  }

  @Test
  void readsAMirrorFromOneMemberAndNothingElse() throws Exception {
    List<Disk> disks = disks();
    for (int i = 0; i < DISKS; i++) {
      MdArray array = MdArray.assemble(members(disks.subList(i, i + 1))).getFirst();
      if (i < 6) {
        assertThat(SampleDisk.sha256(array.open())).isEqualTo(sums().get(i / 2).substring(0, 64));
        assertThat(array.readOnly()).isPresent();
      } else {
        assertThatThrownBy(array::open)
            .isInstanceOf(UnsupportedFeatureException.class)
            .hasMessageContaining("1 of its 2 members");
      }
    }
  }

  @Test
  void namesThemAsBlkidDoes() throws Exception {
    List<Disk> disks = disks();
    for (Disk disk : disks) {
      Path file = Files.write(dir.resolve("member"), disk.readBytes(0, (int) disk.size()));
      MdMember member = MdMember.find(disk).orElseThrow();
      Oracle.named("blkid")
          .run("-p", "-o", "export", file)
          .succeeds()
          .says("TYPE=linux_raid_member")
          .says("UUID=" + member.arrayUuid())
          .says("VERSION=" + (member.version().equals("0.90") ? "0.90.0" : member.version()));
    }
  }

  @Test
  void damageGivesOurExceptionsOnly() throws Exception {
    byte[][] sound = new byte[DISKS][];
    for (int i = 0; i < DISKS; i++) {
      sound[i] = SampleDisk.bytes(MdSampleTest.class, "md" + i + ".raw.xz");
    }
    Seeds.run(
        200,
        random -> {
          byte[] bad = sound[random.nextInt(DISKS)].clone();
          int[] places = {0, 4096, bad.length / 65_536 * 65_536 - 65_536, bad.length - 8192};
          for (int place : places) {
            bad[place + random.nextInt(300)] ^= (byte) (1 << random.nextInt(8));
          }
          try {
            for (MdArray array :
                MdArray.assemble(members(List.of(Disk.owning(new MemoryDriver(bad)))))) {
              array.open();
            }
          } catch (DiskException e) {
            assertThat(e).hasMessageNotContaining("\n");
          }
        });
  }

  private static List<MdMember> members(List<Disk> disks) throws IOException {
    List<MdMember> members = new ArrayList<>();
    for (Disk disk : disks) {
      MdMember.find(disk).ifPresent(members::add);
    }
    return members;
  }

  private static List<Disk> disks() throws IOException {
    List<Disk> disks = new ArrayList<>();
    for (int i = 0; i < DISKS; i++) {
      disks.add(SampleDisk.open(MdSampleTest.class, "md" + i + ".raw.xz"));
    }
    return disks;
  }

  private static List<String> sums() throws IOException {
    try (var in = Objects.requireNonNull(MdSampleTest.class.getResourceAsStream("md.sha256"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
