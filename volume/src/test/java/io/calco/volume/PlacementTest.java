package io.calco.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tables written to other disks, with their partitions in other places.
class PlacementTest {
  private static final long MIB = 1 << 20;

  @TempDir Path dir;

  private PartitionTable write(Path from, Path to, List<Placement> placements) throws IOException {
    try (Image source = TableTools.open(from, ImageOptions.Access.READ);
        Image target = TableTools.open(to, ImageOptions.Access.WRITE)) {
      return PartitionTable.find(source.disk())
          .orElseThrow()
          .writeTo(target.disk(), source.disk(), placements);
    }
  }

  /// The partitions but the extended ones one after the other, each in its order, as long as or
  /// longer than before.
  private static List<Placement> spread(PartitionTable table, Random random) {
    List<Placement> all = new ArrayList<>();
    long at = MIB;
    for (Partition partition :
        table.partitions().stream()
            .filter(each -> !each.extended())
            .sorted((a, b) -> Long.compare(a.start(), b.start()))
            .toList()) {
      at += (1 + random.nextInt(3)) * MIB;
      Placement place =
          new Placement(partition.number(), at, partition.length() + random.nextInt(3000) * 512L);
      all.add(place);
      at = Math.ceilDiv(place.end(), MIB) * MIB;
    }
    return all;
  }

  private void check(String script) {
    Seeds.run(
        6,
        random -> {
          Path from = TableTools.resize(dir.resolve("from.raw"), 24 * MIB);
          TableTools.sfdisk(from, script);
          PartitionTable before = TableTools.read(from);
          Path to = TableTools.resize(dir.resolve("to.raw"), (60 + random.nextInt(9)) * MIB);
          List<Placement> places = spread(before, random);
          PartitionTable after = write(from, to, places);
          assertThat(TableTools.ours(after)).isEqualTo(TableTools.partx(to, 512));
          assertThat(after.problems()).isEmpty();
          assertThat(after.uuid()).isEqualTo(before.uuid());
          assertThat(after.partitions()).hasSameSizeAs(before.partitions());
          for (Placement place : places) {
            assertThat(after.find(place.number()))
                .contains(before.find(place.number()).orElseThrow().at(place));
          }
          if (before.name().equals("gpt")) {
            TableTools.verifyGpt(to);
          } else {
            TableTools.verify(to);
          }
          Files.delete(to);
          Files.delete(from);
        });
  }

  @Test
  void movesPartitionsOfAGptAsSgdiskAccepts() {
    check(
        """
        label: gpt
        start=2048, size=4096, type=U, name="ESP"
        start=8192, size=10000, name="root", attrs="LegacyBIOSBootable"
        start=20480, size=2048, type=S
        """);
  }

  @Test
  void movesPrimaryAndLogicalPartitionsAsSfdiskAccepts() {
    check(
        """
        label: dos
        start=2048, size=4096, type=83, bootable
        start=8192, size=30000, type=5
        start=10240, size=2048, type=83
        start=14336, size=4096, type=82
        start=20480, size=6000, type=8e
        start=40960, size=2048, type=7
        """);
  }

  @Test
  void aTableFitsASmallerDiskWhenItsPartitionsDo() throws IOException {
    Path from = TableTools.resize(dir.resolve("from.raw"), 24 * MIB);
    TableTools.sfdisk(from, "label: gpt\nstart=2048, size=4096\nstart=8192, size=4096\n");
    Path to = TableTools.resize(dir.resolve("to.raw"), 8 * MIB);
    PartitionTable after = write(from, to, List.of());
    assertThat(after.partitions()).isEqualTo(TableTools.read(from).partitions());
    TableTools.verifyGpt(to);
  }

  @Test
  void whatIsNotFreeIsRefusedAndNothingWritten() throws IOException {
    Path from = TableTools.resize(dir.resolve("from.raw"), 24 * MIB);
    Path to = TableTools.resize(dir.resolve("to.raw"), 12 * MIB);
    for (String label : List.of("gpt", "dos")) {
      TableTools.sfdisk(
          from, "label: %s\nstart=2048, size=4096\nstart=8192, size=4096\n".formatted(label));
      assertThatThrownBy(() -> write(from, to, List.of(new Placement(2, 2 * MIB, 4 * MIB))))
          .isInstanceOf(CorruptImageException.class)
          .hasMessage("partitions 1 and 2 overlap: 0x100000 to 0x300000, 0x200000 to 0x600000");
      assertThatThrownBy(() -> write(from, to, List.of(new Placement(2, 9 * MIB, 4 * MIB))))
          .isInstanceOf(CorruptImageException.class)
          .hasMessageContaining(
              "partition 2: found bytes 0x900000 to 0xd00000 for it, expected them within");
      assertThatThrownBy(() -> write(from, to, List.of(new Placement(3, 9 * MIB, MIB))))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(Files.readAllBytes(to)).containsOnly(0);
    }
  }
}
