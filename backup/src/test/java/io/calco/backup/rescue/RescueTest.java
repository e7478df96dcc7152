package io.calco.backup.rescue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.backup.rescue.RescueMap.Block;
import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.JobContext;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rescues of disks with faults, beside GNU ddrescue's of the same.
class RescueTest {
  private static final int SECTOR = FaultyDisk.SECTOR;
  private static final RescueOptions ONCE = new RescueOptions(0, SECTOR);

  @TempDir private Path directory;
  private Path map;

  @BeforeEach
  void name() {
    map = directory.resolve("disk.map");
  }

  private void anew() throws IOException {
    Files.deleteIfExists(map);
    Files.deleteIfExists(Rescue.imageOf(map));
  }

  private static List<Run> all(FaultyDisk disk) {
    return List.of(new Run(0, disk.bytes.length));
  }

  private byte[] rescue(FaultyDisk faulty, RescueOptions options, JobContext job)
      throws IOException {
    try (Disk source = Disk.owning(faulty);
        Rescue rescue = Rescue.open(source, map, options)) {
      rescue.run(all(faulty), job);
      try (Disk had = rescue.disk()) {
        return had.readBytes(0, faulty.bytes.length);
      }
    }
  }

  private List<Block> blocks(long size) throws IOException {
    try (var text = Files.newBufferedReader(map)) {
      return MapText.decode("map", text, size).blocks();
    }
  }

  private static void assertTells(FaultyDisk faulty, List<Block> blocks) {
    RescueMap expected = new RescueMap(faulty.size());
    expected.set(0, faulty.size(), BlockStatus.FINISHED);
    faulty.bad.stream()
        .forEach(i -> expected.set(i * 512L, i * 512L + 512, BlockStatus.BAD_SECTOR));
    assertThat(blocks).isEqualTo(expected.blocks());
  }

  @Test
  void everySectorThatCanBeReadIsReadOnce() {
    Seeds.run(
        60,
        random -> {
          anew();
          int sectors = 1 + random.nextInt(4000);
          FaultyDisk faulty = new FaultyDisk(sectors, random);
          faulty.spoil(random.nextInt(12), 1 + random.nextInt(300), random);
          assertThat(rescue(faulty, ONCE, JobContext.SILENT)).isEqualTo(faulty.expected());
          assertTells(faulty, blocks(faulty.size()));
          int[] once = new int[sectors];
          Arrays.setAll(once, i -> faulty.bad.get(i) ? 0 : 1);
          assertThat(faulty.reads).isEqualTo(once);
        });
  }

  @Test
  void aRescueThatIsCutIsContinued() {
    Seeds.run(
        6,
        random -> {
          anew();
          FaultyDisk faulty = new FaultyDisk(3000, random).spoil(8, 200, random);
          while (true) {
            int[] left = {1 + random.nextInt(60)};
            JobContext cutting =
                new JobContext() {
                  @Override
                  public void progress(String step, long done, long total) {
                    assertThat(done).isBetween(0L, total);
                  }

                  @Override
                  public void checkCancelled() {
                    if (left[0]-- == 0) {
                      throw new CancellationException();
                    }
                  }
                };
            try {
              assertThat(rescue(faulty, ONCE, cutting)).isEqualTo(faulty.expected());
              break;
            } catch (CancellationException cut) {
              assertThat(map).exists();
            }
          }
          assertTells(faulty, blocks(faulty.size()));
          assertThat(Arrays.stream(faulty.reads).max()).hasValue(1);
        });
  }

  @Test
  void whatFailsSometimesIsReadInTheEnd() {
    Seeds.run(
        8,
        random -> {
          anew();
          FaultyDisk faulty = new FaultyDisk(800, random).spoil(5, 40, random);
          faulty.stubborn = 3;
          assertThat(rescue(faulty, new RescueOptions(1, SECTOR), JobContext.SILENT))
              .isEqualTo(faulty.expected());
          assertThat(rescue(faulty, new RescueOptions(3, SECTOR), JobContext.SILENT))
              .isEqualTo(faulty.bytes);
          assertThat(blocks(faulty.size()))
              .containsExactly(new Block(0, faulty.size(), BlockStatus.FINISHED));
        });
  }

  @Test
  void onlyWhatIsWantedIsRead() throws IOException {
    FaultyDisk faulty = new FaultyDisk(1000, new Random(1));
    faulty.bad.set(300, 310);
    List<Run> domain = List.of(new Run(0, 4096), new Run(290L * SECTOR, 15L * SECTOR));
    try (Disk source = Disk.owning(faulty);
        Rescue rescue = Rescue.open(source, map, ONCE)) {
      try (Disk had = rescue.disk()) {
        assertThat(had.readBytes(512, 512)).isEqualTo(Arrays.copyOfRange(faulty.bytes, 512, 1024));
        assertThat(rescue.hasMissed()).isFalse();
        assertThat(had.readBytes(309L * SECTOR, 512)).isEqualTo(new byte[512]);
        assertThat(rescue.hasMissed()).isTrue();
        rescue.run(domain, JobContext.SILENT);
        assertThat(rescue.unread(domain)).containsExactly(new Run(300L * SECTOR, 5L * SECTOR));
        assertThat(had.readBytes(400L * SECTOR, 512)).isEqualTo(new byte[512]);
      }
    }
    assertThat(faulty.reads[400]).isZero();
    Oracle.named("ddrescuelog").run("-t", map).succeeds().says("non-tried");
  }

  @Test
  void aDiskThatEndsTooSoonIsReadAsFarAsItGoes() throws IOException {
    FaultyDisk faulty = new FaultyDisk(5000, new Random(2));
    faulty.end = 1234 * SECTOR;
    byte[] had = rescue(faulty, ONCE, JobContext.SILENT);
    assertThat(Arrays.copyOf(had, faulty.end)).isEqualTo(Arrays.copyOf(faulty.bytes, faulty.end));
    assertThat(blocks(faulty.size()))
        .containsExactly(
            new Block(0, faulty.end, BlockStatus.FINISHED),
            new Block(faulty.end, faulty.size(), BlockStatus.BAD_SECTOR));
  }

  /// The faults as ddrescue's test mode takes them, and the disk as a file. It takes a disk to end
  /// where the last sector can be read.
  private Path faults(FaultyDisk faulty) throws IOException {
    faulty.bad.clear(faulty.reads.length - 1);
    Files.write(directory.resolve("disk"), faulty.bytes);
    RescueMap faults = new RescueMap(faulty.size());
    faults.set(0, faulty.size(), BlockStatus.FINISHED);
    faulty.bad.stream().forEach(i -> faults.set(i * 512L, i * 512L + 512, BlockStatus.BAD_SECTOR));
    return Files.writeString(
        directory.resolve("faults"), MapText.encode(faults, MapText.Phase.FINISHED));
  }

  private void ddrescue(Path faults, Object... options) {
    List<Object> words = new ArrayList<>(List.of(options));
    words.addAll(List.of("-q", "-H", faults, directory.resolve("disk"), Rescue.imageOf(map), map));
    Oracle.named("ddrescue").run(words.toArray());
  }

  @Test
  void ddrescueComesToTheSameEnd() {
    Seeds.run(
        6,
        random -> {
          anew();
          FaultyDisk faulty = new FaultyDisk(20_000, random).spoil(10, 400, random);
          Path faults = faults(faulty);
          ddrescue(faults);
          List<Block> theirs = blocks(faulty.size());
          assertTells(faulty, theirs);
          anew();
          rescue(faulty, ONCE, JobContext.SILENT);
          assertThat(blocks(faulty.size())).isEqualTo(theirs);
          Oracle.named("ddrescuelog").run("--done-status", map);
          Oracle.named("ddrescuelog").run("-t", map).succeeds().says("bad-sector");
        });
  }

  @Test
  void whatDdrescueBeganIsContinued() {
    Seeds.run(
        6,
        random -> {
          anew();
          FaultyDisk faulty = new FaultyDisk(20_000, random).spoil(10, 400, random);
          Path faults = faults(faulty);
          String stop = random.nextBoolean() ? "-n" : "-N";
          ddrescue(faults, stop, "-s", 512 * (1 + random.nextInt(20_000)));
          List<Block> before = blocks(faulty.size());
          assertThat(rescue(faulty, ONCE, JobContext.SILENT)).isEqualTo(faulty.expected());
          for (Block block : before) {
            if (block.status() == BlockStatus.FINISHED) {
              assertThat(faulty.reads[(int) (block.start() / SECTOR)]).isZero();
            }
          }
        });
  }

  @Test
  void ddrescueContinuesWhatWeBegan() {
    Seeds.run(
        6,
        random -> {
          anew();
          FaultyDisk faulty = new FaultyDisk(20_000, random).spoil(10, 400, random);
          Path faults = faults(faulty);
          int[] left = {1 + random.nextInt(400)};
          try {
            rescue(
                faulty,
                ONCE,
                new JobContext() {
                  @Override
                  public void progress(String step, long done, long total) {}

                  @Override
                  public void checkCancelled() {
                    if (left[0]-- == 0) {
                      throw new CancellationException();
                    }
                  }
                });
          } catch (CancellationException cut) {
            assertThat(left[0]).isNegative();
          }
          ddrescue(faults);
          assertTells(faulty, blocks(faulty.size()));
          byte[] had = Files.readAllBytes(Rescue.imageOf(map));
          byte[] expected = faulty.expected();
          assertThat(Arrays.copyOf(had, expected.length)).isEqualTo(expected);
        });
  }

  @Test
  void aMapWithoutItsImageIsRefused() throws IOException {
    FaultyDisk faulty = new FaultyDisk(10, new Random(3));
    rescue(faulty, ONCE, JobContext.SILENT);
    Files.delete(Rescue.imageOf(map));
    assertThatThrownBy(() -> rescue(faulty, ONCE, JobContext.SILENT))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("disk.map.img: the map says that bytes were read into it");
  }

  @Test
  void theManualsExampleIsRead() throws IOException {
    String text =
        """
        # Mapfile. Created by GNU ddrescue version 1.27
        # Command line: ddrescue -d -c18 /dev/fd0 fdimage mapfile
        # current_pos  current_status  current_pass
        0x00120000     ?               1
        #      pos        size  status
        0x00000000  0x00117000  +
        0x00117000  01000  -   # octal
        1143296  4096  /
        0x00118200  0x00007E00  *
        0x00120000  0x00048000  ?
        """;
    assertThat(MapText.decode("m", new StringReader(text), 0x168000).blocks())
        .containsExactly(
            new Block(0, 0x117000, BlockStatus.FINISHED),
            new Block(0x117000, 0x117200, BlockStatus.BAD_SECTOR),
            new Block(0x117200, 0x118200, BlockStatus.NON_SCRAPED),
            new Block(0x118200, 0x120000, BlockStatus.NON_TRIMMED),
            new Block(0x120000, 0x168000, BlockStatus.NON_TRIED));
    assertThatThrownBy(() -> MapText.decode("m", new StringReader(text), 0x100000))
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining("m: line 6: found")
        .hasMessageContaining("expected a map of this disk, which has 0x100000 bytes");
  }

  @Test
  void anyTextIsReadOrRefused() {
    byte[] good =
        "0x0 ? 1\n0x00 0x1000 +\n0x1000 0x200 -\n0x1200 0x10 /\n"
            .getBytes(StandardCharsets.ISO_8859_1);
    Seeds.run(
        3000,
        random -> {
          byte[] text = good.clone();
          for (int i = random.nextInt(3); i >= 0; i--) {
            text[random.nextInt(text.length)] =
                (byte) "0123456789xabcf+-*/?# \n\0z".charAt(random.nextInt(25));
          }
          try {
            MapText.decode(
                "m", new StringReader(new String(text, StandardCharsets.ISO_8859_1)), 0x2000);
          } catch (DiskException e) {
            assertThat(e.getMessage()).hasSizeLessThan(300).doesNotContain("\n");
          }
        });
  }
}
