package io.calco.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Disks with partitions: what lies outside file systems comes back bit for bit.
class PartitionsTest {
  private static final long SECTORS = 64L * MadeDisks.MIB / 512 + 24;
  private static final MadeDisks.Part EXT4 = new MadeDisks.Part(1, 2048, 32L * MadeDisks.MIB / 512);
  private static final MadeDisks.Part SWAP = new MadeDisks.Part(2, 70_001, 12_000);
  private static final MadeDisks.Part NOTHING = new MadeDisks.Part(3, 84_000, 10_000);
  private static final MadeDisks.Part NTFS = new MadeDisks.Part(7, 96_007, 30_000);
  private static final List<MadeDisks.Part> ALL = List.of(EXT4, SWAP, NOTHING, NTFS);

  private static final Random RANDOM = new Random(66);

  @TempDir private static Path made;
  private static Path ext4 = Path.of("");
  private static Path swap = Path.of("");
  private static Path ntfs = Path.of("");
  private static Path gpt = Path.of("");

  @TempDir private Path directory;

  @BeforeAll
  static void makeFileSystems() throws IOException {
    Path tree = MadeDisks.tree(made.resolve("tree"), RANDOM);
    ext4 = MadeDisks.garbage(made.resolve("ext4"), EXT4.sectors() * 512, RANDOM);
    MadeDisks.format("ext4", ext4, tree);
    swap = MadeDisks.garbage(made.resolve("swap"), SWAP.sectors() * 512, RANDOM);
    Oracle.named("mkswap").run("-L", "page", swap).succeeds();
    ntfs = MadeDisks.garbage(made.resolve("ntfs"), NTFS.sectors() * 512, RANDOM);
    MadeDisks.format("ntfs", ntfs, tree);
    gpt = disk(made.resolve("gpt"));
    MadeDisks.gpt(gpt, ALL);
    EXT4.put(ext4, gpt);
    SWAP.put(swap, gpt);
    NTFS.put(ntfs, gpt);
  }

  private Path gpt() throws IOException {
    return Files.copy(gpt, directory.resolve("gpt"));
  }

  private Path disk(String name) throws IOException {
    return disk(directory.resolve(name));
  }

  private static Path disk(Path disk) throws IOException {
    MadeDisks.garbage(disk, SECTORS * 512, RANDOM);
    MadeDisks.overwrite(disk, 510, new byte[] {0, 0});
    return disk;
  }

  @Test
  void everythingOutsideFileSystemsComesBackBitForBit() throws IOException {
    Path disk = gpt();
    try (Repository repository = Repository.create(directory.resolve("repo"))) {
      RestorePoint point = repository.backUp(disk, Coverage.USED);
      assertThat(point.warnings()).isEmpty();
      assertThat(point.disk().table()).contains("gpt");
      assertThat(point.disk().find(2).orElseThrow().label()).contains("page");
      Path restored = repository.restore(point, directory.resolve("restored"));
      Oracle.named("sgdisk").run("-v", restored).says("No problems found");
      List<MadeDisks.Part> mapped = List.of(EXT4, SWAP, NTFS);
      assertSameOutside(disk, restored, mapped);
      MadeDisks.check("ext4", EXT4.get(restored, directory.resolve("ext4.back")));
      MadeDisks.check("ntfs", NTFS.get(restored, directory.resolve("ntfs.back")));
      Oracle.named("blkid")
          .run("-p", "-s", "LABEL", SWAP.get(restored, directory.resolve("swap.back")))
          .says("page");
      lastSectorsAreThere(disk, restored, NTFS);
    }
  }

  /// NTFS has a copy of its boot sector behind its last cluster.
  private static void lastSectorsAreThere(Path disk, Path restored, MadeDisks.Part part)
      throws IOException {
    assertThat(sectors(restored, part.start() + part.sectors() - 1, 1))
        .isEqualTo(sectors(disk, part.start() + part.sectors() - 1, 1));
  }

  private static void assertSameOutside(Path one, Path other, List<MadeDisks.Part> parts)
      throws IOException {
    List<MadeDisks.Part> gaps = new ArrayList<>();
    long at = 0;
    for (MadeDisks.Part part : parts) {
      gaps.add(new MadeDisks.Part(0, at, part.start() - at));
      at = part.start() + part.sectors();
    }
    gaps.add(new MadeDisks.Part(0, at, SECTORS - at));
    for (MadeDisks.Part gap : gaps) {
      assertThat(
              Arrays.equals(
                  sectors(one, gap.start(), gap.sectors()),
                  sectors(other, gap.start(), gap.sectors())))
          .as("%s", gap)
          .isTrue();
    }
  }

  private static byte[] sectors(Path file, long start, long count) throws IOException {
    try (Image image = Image.open(file, ImageOptions.reading().withFormat("raw"))) {
      return image.disk().readBytes(start * 512, Math.toIntExact(count * 512));
    }
  }

  @Test
  void rawIsBitIdentical() throws IOException {
    Path disk = gpt();
    try (Repository repository = Repository.create(directory.resolve("repo"))) {
      RestorePoint point = repository.backUp(disk, Coverage.EVERY_SECTOR);
      assertThat(Repository.equal(disk, repository.restore(point, directory.resolve("restored"))))
          .isTrue();
    }
  }

  @Test
  void swapCanBeKept() throws IOException {
    Path disk = gpt();
    try (Repository repository = Repository.create(directory.resolve("repo"))) {
      RestorePoint point = repository.backUp(disk, Coverage.USED_AND_SWAP);
      Path restored = repository.restore(point, directory.resolve("restored"));
      assertSameOutside(disk, restored, List.of(EXT4, NTFS));
    }
  }

  @Test
  void onALargerDiskTheTableReachesToTheEnd() throws IOException {
    Path disk = gpt();
    try (Repository repository = Repository.create(directory.resolve("repo"))) {
      RestorePoint point = repository.backUp(disk, Coverage.USED);
      long size = point.disk().size() + 5L * MadeDisks.MIB;
      Path larger = repository.restore(point, directory.resolve("larger"), size);
      assertThat(Files.size(larger)).isEqualTo(size);
      Oracle.named("sgdisk").run("-v", larger).says("No problems found");
      String before = Oracle.named("sgdisk").run("-i", "7", disk).succeeds().out();
      assertThat(Oracle.named("sgdisk").run("-i", "7", larger).succeeds().out()).isEqualTo(before);
    }
  }

  @Test
  void whatIsThereIsNotStoredAgain() throws IOException {
    Path disk = gpt();
    try (Repository repository = Repository.create(directory.resolve("repo"))) {
      RestorePoint first = repository.backUp(disk, Coverage.USED);
      assertThat(first.work().fresh()).isPositive();
      long before = repository.storedBytes();
      RestorePoint second = repository.backUp(disk, Coverage.USED);
      assertThat(second.work().fresh()).isZero();
      assertThat(second.work().data()).isEqualTo(first.work().data());
      assertThat(repository.storedBytes() - before).isLessThan(8 << 10);

      Path other = disk("moved");
      MadeDisks.Part moved = new MadeDisks.Part(4, 7_777, EXT4.sectors());
      MadeDisks.gpt(other, List.of(moved));
      moved.put(ext4, other);
      long size = point(repository, other).work().fresh();
      assertThat(size).isLessThan(SECTORS * 512 - EXT4.sectors() * 512 + 4 * (512 << 10));
      RestorePoint alone = create(repository, other, Set.of(4));
      assertThat(alone.work().fresh()).isZero();
      assertThat(repository.points.list().points()).contains(first, second, alone);
    }
  }

  private static RestorePoint point(Repository repository, Path disk) throws IOException {
    return repository.backUp(disk, Coverage.USED);
  }

  private static RestorePoint create(Repository repository, Path disk, Set<Integer> partitions)
      throws IOException {
    try (Image source = Image.open(disk, ImageOptions.reading().withFormat("raw"))) {
      return repository.points.create(
          DiskDivision.of(source.disk(), Coverage.USED),
          partitions,
          () -> NewPoint.of("web1", Repository.origin(disk)),
          JobContext.SILENT);
    }
  }

  @Test
  void onePartitionCanBeKeptAlone() throws IOException {
    Path disk = gpt();
    try (Repository repository = Repository.create(directory.resolve("repo"))) {
      RestorePoint point = create(repository, disk, Set.of(7));
      assertThat(point.disk().partial()).isTrue();
      Path restored = repository.restore(point, directory.resolve("restored"));
      assertSameOutside(disk, restored, ALL);
      MadeDisks.check("ntfs", NTFS.get(restored, directory.resolve("ntfs.back")));
      try (Disk back = repository.points.open(point)) {
        assertThat(back.extentAt(EXT4.start() * 512, EXT4.sectors() * 512).readsZero()).isTrue();
      }
      assertThatThrownBy(() -> create(repository, disk, Set.of(5)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void logicalPartitionsAreCutToo() throws IOException {
    Path disk = disk("dos");
    Path script = directory.resolve("script");
    Files.writeString(
        script,
        """
        label: dos
        start=2048, size=65536, type=83
        start=70000, size=60000, type=5
        start=72048, size=20000, type=83
        start=96000, size=30000, type=7
        """);
    Oracle.named("sh").run("-c", "sfdisk -q " + disk + " < " + script).succeeds();
    MadeDisks.Part five = new MadeDisks.Part(5, 72_048, 20_000);
    MadeDisks.Part six = new MadeDisks.Part(6, 96_000, 30_000);
    EXT4.put(ext4, disk);
    six.put(ntfs, disk);
    try (Repository repository = Repository.create(directory.resolve("repo"))) {
      RestorePoint point = repository.backUp(disk, Coverage.USED);
      assertThat(point.disk().table()).contains("dos");
      assertThat(point.disk().partitions().stream().filter(PartitionFacts::kept))
          .extracting(PartitionFacts::number)
          .containsExactly(1, 5, 6);
      Path restored = repository.restore(point, directory.resolve("restored"));
      assertSameOutside(disk, restored, List.of(EXT4, six));
      assertThat(sectors(restored, five.start(), five.sectors()))
          .isEqualTo(sectors(disk, five.start(), five.sectors()));
      MadeDisks.check("ntfs", six.get(restored, directory.resolve("ntfs.back")));
      assertThat(dump(restored)).isEqualTo(dump(disk));
    }
  }

  private static String dump(Path disk) {
    String dump = Oracle.named("sfdisk").run("-d", disk).succeeds().out();
    return dump.replace(disk.toString(), "");
  }

  @Test
  void aTableThatContradictsItselfIsKeptWithEverySector() throws IOException {
    Path disk = gpt();
    byte[] entries = sectors(disk, 0, 1);
    // An MBR that sees two partitions in the same place, in a disk whose GPT is gone.
    Arrays.fill(entries, 446, 510, (byte) 0);
    for (int i = 0; i < 2; i++) {
      int at = 446 + 16 * i;
      entries[at + 4] = (byte) 0x83;
      entries[at + 9] = 8;
      entries[at + 14] = (byte) 1;
    }
    MadeDisks.overwrite(disk, 0, entries);
    try (Repository repository = Repository.create(directory.resolve("repo"))) {
      RestorePoint point = repository.backUp(disk, Coverage.USED);
      assertThat(point.warnings()).singleElement().asString().contains("overlap");
      assertThat(Repository.equal(disk, repository.restore(point, directory.resolve("restored"))))
          .isTrue();
    }
  }
}
