package io.calco.backup.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.DiskCompare;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import io.calco.volume.Partition;
import io.calco.volume.PartitionTable;
import io.calco.volume.Placement;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayoutPlanTest {
  private static final long MIB = 1 << 20;

  private static final String GPT =
      """
      label: gpt
      start=2048, size=8192, type=U
      start=10240, size=20480
      start=32768, size=4096, type=S
      start=36864, size=40960
      """;

  private static final String MBR =
      """
      label: dos
      start=2048, size=16384, type=83, bootable
      start=20480, size=61440, type=5
      start=22528, size=8192, type=82
      start=34816, size=30720, type=83
      """;

  @TempDir Path dir;

  private Path disk(String script, long size) throws IOException {
    Path file = dir.resolve("disk.raw");
    byte[] piece = new byte[(int) MIB];
    Random random = new Random(size);
    try (OutputStream out = Files.newOutputStream(file)) {
      for (long at = 0; at < size; at += piece.length) {
        random.nextBytes(piece);
        out.write(piece);
      }
    }
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.write(new byte[(int) MIB]);
    }
    sfdisk(file, script);
    return file;
  }

  private static void sfdisk(Path file, String script) {
    Oracle.named("sfdisk");
    Oracle.named("bash")
        .run("-c", "sfdisk --quiet --no-reread --no-tell-kernel \"$0\" <<< \"$1\"", file, script)
        .succeeds();
  }

  private static Image open(Path file) throws IOException {
    return Image.open(file, ImageOptions.reading().withFormat("raw"));
  }

  /// The disk by a plan, written to a file and looked at by others; each partition begins with what
  /// it held.
  private LayoutPlan relaid(Path file, Layout layout, long size, Map<Integer, Long> contents)
      throws IOException {
    try (Image image = open(file)) {
      PartitionTable table = PartitionTable.find(image.disk()).orElseThrow();
      LayoutPlan plan = LayoutPlan.of(table, layout, size, contents);
      Path to = dir.resolve("to.raw");
      try (Disk disk = RelaidDisk.open(image.disk(), table, plan, Map.of())) {
        assertThat(disk.size()).isEqualTo(size);
        try (OutputStream out = Files.newOutputStream(to)) {
          for (long at = 0; at < size; at += MIB) {
            out.write(disk.readBytes(at, (int) Math.min(MIB, size - at)));
          }
        }
        PartitionTable after = PartitionTable.find(disk).orElseThrow();
        assertThat(after.problems()).isEmpty();
        for (Partition partition : table.partitions()) {
          if (!partition.extended()) {
            Partition moved = after.find(partition.number()).orElseThrow();
            long common =
                Math.min(
                    contents.getOrDefault(partition.number(), partition.length()), moved.length());
            assertThat(moved.length()).isGreaterThanOrEqualTo(common);
            assertThat(
                    DiskCompare.firstDifference(
                        partition.slice(image.disk()).slice(0, common),
                        moved.slice(disk).slice(0, common),
                        JobContext.SILENT))
                .isEmpty();
          }
        }
      }
      if (table.name().equals("gpt")) {
        Oracle.named("sgdisk").run("-v", to).succeeds().says("No problems found");
      }
      Oracle.Run verified = Oracle.named("sfdisk").run("--verify", to).succeeds();
      assertThat(verified.out() + verified.err()).doesNotContain("overlap", "corrupt", "mismatch");
      Files.delete(to);
      return plan;
    }
  }

  private static Placement data(LayoutPlan plan, int number) {
    return plan.find(number).orElseThrow();
  }

  @Test
  void growingPartitionsShareWhatALargerDiskHas() throws IOException {
    Path file = disk(GPT, 48 * MIB);
    LayoutPlan plan = relaid(file, new Layout.Proportional(), 110 * MIB, Map.of());
    assertThat(data(plan, 1)).isEqualTo(new Placement(1, MIB, 4 * MIB));
    assertThat(data(plan, 2).start()).isEqualTo(5 * MIB);
    assertThat(data(plan, 3).length()).isEqualTo(2 * MIB);
    assertThat(data(plan, 2).length()).isBetween(32 * MIB, 34 * MIB);
    assertThat(data(plan, 4).length()).isBetween(64 * MIB, 67 * MIB);
    assertThat(data(plan, 4).end()).isLessThan(110 * MIB - 33 * 512);
    plan = relaid(file, new Layout.GrowLast(), 110 * MIB, Map.of());
    assertThat(data(plan, 4)).isEqualTo(new Placement(4, 18 * MIB, 91 * MIB));
    assertThat(data(plan, 2)).isEqualTo(new Placement(2, 5 * MIB, 10 * MIB));
  }

  @Test
  void gapsGoAndPartitionsShrinkToTheirContentOnASmallerDisk() throws IOException {
    Path file = disk(GPT, 48 * MIB);
    LayoutPlan plan =
        relaid(file, new Layout.Proportional(), 30 * MIB, Map.of(2, 7 * MIB, 4, 11 * MIB));
    assertThat(data(plan, 2).length()).isBetween(7 * MIB, 10 * MIB);
    assertThat(data(plan, 4).length()).isBetween(11 * MIB, 20 * MIB);
    try (Image image = open(file)) {
      PartitionTable table = PartitionTable.find(image.disk()).orElseThrow();
      for (Layout layout :
          List.of(new Layout.AsSaved(), new Layout.GrowLast(), new Layout.Proportional())) {
        assertThatThrownBy(() -> LayoutPlan.of(table, layout, 30 * MIB, Map.of()))
            .isInstanceOfSatisfying(
                TooSmallException.class,
                e -> {
                  assertThat(e.needed()).isBetween(37 * MIB, 40 * MIB);
                  assertThat(e)
                      .hasMessageContaining(
                          "the target has 31,457,280 bytes, and they need %,d"
                              .formatted(e.needed()));
                });
      }
    }
  }

  @Test
  void asSavedTheLastEndsEarlierThenGapsGoThenSwapAndTheOthersGiveWay() throws IOException {
    Path file = disk(GPT, 48 * MIB);
    Map<Integer, Long> contents = Map.of(1, MIB, 2, 3 * MIB, 3, MIB, 4, 5 * MIB);
    for (Layout layout : List.of(new Layout.AsSaved(), new Layout.GrowLast())) {
      LayoutPlan plan = relaid(file, layout, 26 * MIB, contents);
      assertThat(data(plan, 4)).isEqualTo(new Placement(4, 18 * MIB, 7 * MIB));
      plan = relaid(file, layout, 23 * MIB, contents);
      assertThat(data(plan, 2)).isEqualTo(new Placement(2, 5 * MIB, 10 * MIB));
      assertThat(data(plan, 3)).isEqualTo(new Placement(3, 15 * MIB, 2 * MIB));
      assertThat(data(plan, 4)).isEqualTo(new Placement(4, 17 * MIB, 5 * MIB));
      plan = relaid(file, layout, 20 * MIB, contents);
      assertThat(data(plan, 2)).isEqualTo(new Placement(2, 5 * MIB, 8 * MIB));
      assertThat(data(plan, 3)).isEqualTo(new Placement(3, 13 * MIB, MIB));
      plan = relaid(file, layout, 15 * MIB, contents);
      assertThat(data(plan, 2)).isEqualTo(new Placement(2, 5 * MIB, 3 * MIB));
      assertThat(data(plan, 4)).isEqualTo(new Placement(4, 9 * MIB, 5 * MIB));
      // What is for booting gives way last.
      assertThat(data(plan, 1)).isEqualTo(new Placement(1, MIB, 4 * MIB));
      plan = relaid(file, layout, 13 * MIB, contents);
      assertThat(data(plan, 1)).isEqualTo(new Placement(1, MIB, 2 * MIB));
    }
  }

  @Test
  void aDiskIsRelaidForTheSizeThatIsNamed() throws IOException {
    Path file = disk(GPT, 48 * MIB);
    long needed;
    try (Image image = open(file)) {
      PartitionTable table = PartitionTable.find(image.disk()).orElseThrow();
      needed = 0;
      try {
        LayoutPlan.of(table, new Layout.Proportional(), 20 * MIB, Map.of(2, 7 * MIB));
      } catch (TooSmallException e) {
        needed = e.needed();
      }
    }
    relaid(file, new Layout.Proportional(), needed, Map.of(2, 7 * MIB));
  }

  @Test
  void logicalPartitionsMoveWithTheirBootRecords() throws IOException {
    Path file = disk(MBR, 48 * MIB);
    LayoutPlan plan = relaid(file, new Layout.Proportional(), 90 * MIB, Map.of());
    assertThat(data(plan, 5).length()).isEqualTo(4 * MIB);
    assertThat(data(plan, 1).length()).isBetween(26 * MIB, 28 * MIB);
    assertThat(data(plan, 6).end()).isBetween(85 * MIB, 90 * MIB);
    relaid(file, new Layout.GrowLast(), 64 * MIB, Map.of());
    relaid(file, new Layout.Proportional(), 36 * MIB, Map.of());
  }

  @Test
  void listedPlacesAreTakenAsTheyAre() throws IOException {
    Path file = disk(GPT, 48 * MIB);
    List<Placement> listed =
        List.of(new Placement(4, 20 * MIB, 25 * MIB), new Placement(2, 46 * MIB, 10 * MIB));
    LayoutPlan plan = relaid(file, new Layout.Listed(listed), 60 * MIB, Map.of());
    assertThat(plan.placements()).containsAll(listed);
    try (Image image = open(file)) {
      PartitionTable table = PartitionTable.find(image.disk()).orElseThrow();
      Layout shorter = new Layout.Listed(List.of(new Placement(4, 20 * MIB, 5 * MIB)));
      assertThatThrownBy(() -> LayoutPlan.of(table, shorter, 60 * MIB, Map.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "partition 4: 5242880 bytes are listed for it, and what is in it needs 20971520");
    }
  }

  @Test
  void whateverThePartitionsAreTheyComeToLieApart() {
    Seeds.run(
        50,
        random -> {
          Path file = dir.resolve("random.raw");
          try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.setLength(40 * MIB);
          }
          boolean gpt = random.nextBoolean();
          StringBuilder script = new StringBuilder(gpt ? "label: gpt\n" : "label: dos\n");
          int count = 1 + random.nextInt(4);
          for (int i = 0; i < count; i++) {
            script.append("size=%d%n".formatted(1 + random.nextInt(12000)));
          }
          sfdisk(file, script.toString());
          try (Image image = open(file)) {
            PartitionTable table = PartitionTable.find(image.disk()).orElseThrow();
            long size = (10 + random.nextInt(200)) * MIB / 512 * 512;
            Map<Integer, Long> contents = new HashMap<>();
            for (Partition partition : table.partitions()) {
              if (random.nextBoolean()) {
                contents.put(
                    partition.number(), 512 + random.nextLong(partition.length()) / 512 * 512);
              }
            }
            List<Layout> layouts =
                List.of(new Layout.AsSaved(), new Layout.GrowLast(), new Layout.Proportional());
            Layout layout = layouts.get(random.nextInt(layouts.size()));
            LayoutPlan plan;
            try {
              plan = LayoutPlan.of(table, layout, size, contents);
            } catch (TooSmallException e) {
              assertThat(e.needed()).isGreaterThan(size);
              size = e.needed();
              plan = LayoutPlan.of(table, layout, size, contents);
            }
            assertThat(plan.placements().stream().mapToLong(Placement::end).max().orElseThrow())
                .isLessThanOrEqualTo(table.usableEnd(size));
            List<Placement> sorted =
                plan.placements().stream()
                    .sorted(Comparator.comparingLong(Placement::start))
                    .toList();
            for (int i = 0; i < sorted.size(); i++) {
              Placement place = sorted.get(i);
              assertThat(place.length())
                  .isGreaterThanOrEqualTo(
                      Math.min(
                          table.find(place.number()).orElseThrow().length(),
                          contents.getOrDefault(place.number(), Long.MAX_VALUE)));
              assertThat(place.start())
                  .isGreaterThanOrEqualTo(i == 0 ? 512 : sorted.get(i - 1).end());
            }
            RelaidDisk.open(image.disk(), table, plan, Map.of()).close();
          }
          Files.delete(file);
        });
  }
}
