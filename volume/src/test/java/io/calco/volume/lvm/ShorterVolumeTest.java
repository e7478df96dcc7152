package io.calco.volume.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.MemoryDriver;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.testkit.LvmTool;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import io.calco.volume.SampleDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.Condition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Physical volumes made shorter, judged by lvm(8): it says where each volume lies, before and
/// after, and the bytes there are compared.
class ShorterVolumeTest {
  private static final int MIB = 1 << 20;

  @TempDir private Path dir;

  /// A volume of random bytes, on which LVM2 made a group of some volumes in pieces, with gaps.
  private Path make(Random random) throws IOException {
    byte[] bytes = new byte[(32 + random.nextInt(17)) * MIB + 512 * random.nextInt(9)];
    random.nextBytes(bytes);
    Arrays.fill(bytes, 0, MIB, (byte) 0);
    Arrays.fill(bytes, bytes.length - 4096, bytes.length, (byte) 0);
    Path file = Files.write(dir.resolve("pv"), bytes);
    try (LvmTool lvm = new LvmTool(List.of(file))) {
      String device = lvm.device(0);
      int copies = 1 + random.nextInt(2);
      lvm.run("pvcreate", "-ff", "-y", "--pvmetadatacopies", copies, device);
      lvm.run("vgcreate", "-s", random.nextBoolean() ? "1m" : "512k", "vg0", device);
      int last = Integer.parseInt(lvm.report("pvs", "pv_pe_count").getFirst()) - 1;
      for (int at = 0; at < last - 12; ) {
        String name = List.of("root", "swap", "home-dirs").get(random.nextInt(3));
        int end = at + 3 + random.nextInt(9);
        boolean more = lvm.report("lvs", "lv_name").contains(name);
        String place = device + ":" + at + "-" + (end - 1);
        if (more) {
          lvm.run("lvextend", "-l", "+" + (end - at), "vg0/" + name, place);
        } else {
          lvm.run("lvcreate", "-an", "-Wn", "-Zn", "-n", name, "-l", end - at, "vg0", place);
        }
        at = end + random.nextInt(9);
      }
    }
    return file;
  }

  /// Every volume's bytes, where LVM2 says that they lie.
  private static Map<String, byte[]> volumes(Path file) throws IOException {
    try (LvmTool lvm = new LvmTool(List.of(file))) {
      lvm.check();
      return lvm.volumes();
    }
  }

  /// Large arrays are compared at once.
  private static Condition<byte[]> sameAs(byte[] expected) {
    return new Condition<>(bytes -> Arrays.equals(bytes, expected), "the same bytes");
  }

  private static ShorterVolume shorter(Path file) throws IOException {
    Disk disk = Disk.owning(new MemoryDriver(Files.readAllBytes(file))).readOnly();
    return ShorterVolume.of(PhysicalVolume.find(disk).orElseThrow());
  }

  private static void write(Disk disk, Path to) throws IOException {
    Files.write(to, disk.readBytes(0, Math.toIntExact(disk.size())));
  }

  @Test
  void movesWhatLiesBehindTheEndAsLvmReadsIt() {
    Seeds.run(
        2,
        random -> {
          Path file = make(random);
          Map<String, byte[]> before = volumes(file);
          ShorterVolume shorter = shorter(file);
          long least = shorter.sizeFor(Map.of());
          assertThat(shorter.excess(least)).isZero();
          assertThat(shorter.excess(least - 4096)).isPositive();
          assertThatThrownBy(() -> shorter.make(least - 4096, Map.of()))
              .isInstanceOf(LimitExceededException.class);
          long size = least + random.nextLong((Files.size(file) - least) / 512) * 512;
          Path smaller = dir.resolve("smaller");
          for (long to : new long[] {size, least}) {
            write(shorter.make(to, Map.of()), smaller);
            Map<String, byte[]> after = volumes(smaller);
            assertThat(after.keySet()).isEqualTo(before.keySet());
            after.forEach((name, bytes) -> assertThat(before.get(name)).is(sameAs(bytes)));
            assertReadAlike(smaller, after);
            try (LvmTool lvm = new LvmTool(List.of(smaller))) {
              assertThat(lvm.report("pvs", "dev_size")).containsExactly(String.valueOf(to));
              assertThat(lvm.report("pvs", "pv_mda_used_count"))
                  .isEqualTo(areas(file))
                  .isSubsetOf("1", "2");
              // LVM2 goes on with it.
              lvm.run("lvremove", "-y", "vg0/" + before.keySet().iterator().next());
              lvm.run("lvcreate", "-an", "-Wn", "-Zn", "-n", "new", "-l", "100%FREE", "vg0");
              lvm.check();
            }
          }
        });
  }

  private static List<String> areas(Path file) throws IOException {
    try (LvmTool lvm = new LvmTool(List.of(file))) {
      return lvm.report("pvs", "pv_mda_used_count");
    }
  }

  private static void assertReadAlike(Path file, Map<String, byte[]> volumes) throws IOException {
    VolumeGroup group = shorter(file).group();
    for (LogicalVolume volume : group.logicalVolumes()) {
      Disk disk = group.open(volume);
      assertThat(volumes.get(volume.name())).is(sameAs(disk.readBytes(0, (int) disk.size())));
    }
  }

  @Test
  void volumesGetShorterToo() {
    Seeds.run(
        2,
        random -> {
          Path file = make(random);
          Map<String, byte[]> expected = volumes(file);
          ShorterVolume shorter = shorter(file);
          Map<String, Disk> contents = new HashMap<>();
          Map<String, Long> sizes = new HashMap<>();
          expected.replaceAll((name, bytes) -> {
            byte[] content = new byte[1 + random.nextInt(bytes.length)];
            random.nextBytes(content);
            sizes.put(name, (long) content.length);
            contents.put(name, Disk.owning(new MemoryDriver(content)));
            return content;
          });
          Path smaller = dir.resolve("smaller");
          write(shorter.make(shorter.sizeFor(sizes), contents), smaller);
          Map<String, byte[]> after = volumes(smaller);
          long extent = shorter.group().extentSize();
          expected.forEach((name, content) -> {
            byte[] now = after.getOrDefault(name, new byte[0]);
            assertThat(Arrays.copyOf(now, content.length)).is(sameAs(content));
            assertThat((long) now.length).isEqualTo(Math.ceilDiv(content.length, extent) * extent);
          });
        });
  }

  @Test
  void theTextAndTheHeadersAreWhatPvckExpects() throws Exception {
    Path file = make(new Random(3));
    Path smaller = dir.resolve("smaller");
    ShorterVolume shorter = shorter(file);
    write(shorter.make(shorter.sizeFor(Map.of()), Map.of()), smaller);
    write(shorter.make(shorter.sizeFor(Map.of()), Map.of()), dir.resolve("again"));
    assertThat(Files.mismatch(smaller, dir.resolve("again"))).isEqualTo(-1);
    try (LvmTool lvm = new LvmTool(List.of(smaller))) {
      Oracle.Run headers = lvm.run("pvck", "--dump", "headers", lvm.device(0));
      assertThat(headers.out().replace("BAD", "WRONG") + headers.err())
          .contains("pv_header.device_size " + Files.size(smaller))
          .doesNotContain("WRONG", "CHECK");
      String text = lvm.run("pvck", "--dump", "metadata", lvm.device(0)).out();
      assertThat(text)
          .contains("seqno = " + (shorter.group().seqno() + 1))
          .contains("dev_size = " + Files.size(smaller) / 512);
    }
  }

  @Test
  void groupsOfSeveralVolumesAndOtherKindsAreRefusedByName() throws Exception {
    Disk disk = SampleDisk.open(SampleGroupTest.class, "sample-pv1.raw.xz");
    PhysicalVolume one = PhysicalVolume.find(disk).orElseThrow();
    assertThatThrownBy(() -> ShorterVolume.of(one))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("sample-vg has 3 physical volumes");
    byte[] bytes = new byte[40 * MIB];
    Path file = Files.write(dir.resolve("striped"), bytes);
    try (LvmTool lvm = new LvmTool(List.of(file))) {
      lvm.run("pvcreate", "-ff", "-y", lvm.device(0));
      lvm.run("vgcreate", "-s", "1m", "vg0", lvm.device(0));
      lvm.run("lvcreate", "-an", "-Wn", "-Zn", "-n", "plain", "-l", "4", "vg0");
      lvm.run("lvcreate", "-an", "-Wn", "-Zn", "--type", "zero", "-n", "z", "-l", "4", "vg0");
    }
    assertThatThrownBy(() -> shorter(file))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("the volume z of the group vg0 is not linear (zero)");
  }

  /// Whatever the text says: a shorter volume, or one of our exceptions.
  @Test
  void textsThatLieAreRefused() throws Exception {
    Path file = make(new Random(5));
    byte[] bytes = Files.readAllBytes(file);
    Disk disk = Disk.owning(new MemoryDriver(bytes));
    GroupText text = PhysicalVolume.find(disk).orElseThrow().group().orElseThrow();
    String plain = new String(TextWriter.write(text.all()), StandardCharsets.ISO_8859_1);
    Seeds.run(
        100,
        random -> {
          Matcher number = Pattern.compile("(= |, )(\\d+)").matcher(plain);
          int which = random.nextInt((int) number.results().count());
          number.reset();
          for (int i = 0; i <= which; i++) {
            assertThat(number.find()).isTrue();
          }
          String other =
              List.of("0", "1", "40", "4294967295", "9223372036854775807", "18014398509481984")
                  .get(random.nextInt(6));
          String lie = plain.substring(0, number.start(2)) + other + plain.substring(number.end(2));
          Disk copy = Disk.owning(new MemoryDriver(bytes.clone()));
          try {
            for (MetadataArea area : PhysicalVolume.find(copy).orElseThrow().areas()) {
              area.prepare(lie.getBytes(StandardCharsets.ISO_8859_1)).commit();
            }
            ShorterVolume shorter = ShorterVolume.of(PhysicalVolume.find(copy).orElseThrow());
            long least = shorter.sizeFor(Map.of());
            if (least <= bytes.length) {
              Disk made = shorter.make(least, Map.of());
              assertThat(PhysicalVolume.find(made)).isPresent();
            }
          } catch (DiskException e) {
            assertThat(e.getMessage()).startsWith("LVM2: ");
          }
        });
    assertThatThrownBy(
            () -> {
              byte[] broken = bytes.clone();
              broken[4096] ^= 1;
              ShorterVolume.of(
                  PhysicalVolume.find(Disk.owning(new MemoryDriver(broken))).orElseThrow());
            })
        .isInstanceOf(CorruptImageException.class);
  }
}
