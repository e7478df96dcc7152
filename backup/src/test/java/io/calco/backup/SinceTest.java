package io.calco.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.DirtyBitmaps.Run;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Points that go on from earlier ones are those that reading everything makes.
class SinceTest {
  private static final int MIB = 1 << 20;
  private static final int GRAIN = 64 << 10;

  @TempDir private Path directory;
  private Path disk = Path.of("");
  private byte[] before = {};

  /// An ext4 on a partition and chance everywhere else, also in what it does not use.
  @BeforeEach
  void makeDisk() throws IOException {
    Path files = Files.createDirectory(directory.resolve("files"));
    Random random = new Random(7);
    for (int i = 0; i < 6; i++) {
      byte[] bytes = new byte[2 * MIB];
      random.nextBytes(bytes);
      Files.write(files.resolve("f" + i), bytes);
    }
    before = new byte[48 * MIB];
    random.nextBytes(before);
    Arrays.fill(before, 0, MIB, (byte) 0);
    disk = Files.write(directory.resolve("disk.img"), before);
    partition(81920);
    Oracle.named("mkfs.ext4")
        .run("-q", "-F", "-E", "nodiscard,offset=" + MIB, "-d", files, disk, "40M")
        .succeeds();
    before = Files.readAllBytes(disk);
  }

  private void partition(int sectors) {
    Oracle.named("sh")
        .run(
            "-c",
            "printf 'label: dos\\nstart=2048, size=%d, type=83\\n' | sfdisk -q %s"
                .formatted(sectors, disk))
        .succeeds();
  }

  private void debugfs(String command) {
    Oracle.named("debugfs").run("-w", "-R", command, disk + "?offset=" + MIB).succeeds();
  }

  /// As a dirty bitmap has it.
  private List<Run> written() throws IOException {
    byte[] now = Files.readAllBytes(disk);
    List<Run> runs = new ArrayList<>();
    for (int at = 0; at < now.length; at += GRAIN) {
      if (Arrays.mismatch(before, at, at + GRAIN, now, at, at + GRAIN) >= 0) {
        runs.addFirst(new Run(at, GRAIN));
      }
    }
    return runs;
  }

  private RestorePoint goOn(Repository repository, RestorePoint from) throws IOException {
    return goOn(repository, from, written());
  }

  private RestorePoint goOn(Repository repository, RestorePoint from, List<Run> written)
      throws IOException {
    try (Image source = Image.open(disk, ImageOptions.reading().withFormat("raw"))) {
      return repository.points.create(
          DiskDivision.of(source.disk(), from.disk().coverage()),
          Set.of(),
          new RestorePoints.Identity(UUID.randomUUID(), Instant.now()),
          new Since(repository.points.earlier(from), written),
          () -> NewPoint.of("web1", Repository.origin(disk)),
          JobContext.SILENT);
    }
  }

  private static void assertSame(Repository repository, RestorePoint one, RestorePoint other)
      throws IOException {
    assertThat(repository.points.compare(one, other))
        .allSatisfy(part -> assertThat(part.bytes()).isZero());
  }

  @Test
  void isThePointThatReadingEverythingMakes() throws IOException {
    try (Repository repository = Repository.create(directory.resolve("store"))) {
      RestorePoint first = repository.backUp(disk, Coverage.USED);
      debugfs("rm f1");
      debugfs("write %s new".formatted(directory.resolve("files/f3")));
      debugfs("setb 9000 700");
      try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
        file.seek(45L * MIB);
        file.write(new byte[] {1, 2, 3});
      }
      RestorePoint second = goOn(repository, first);
      assertSame(repository, second, repository.backUp(disk, Coverage.USED));
      long known = second.work().known().orElseThrow();
      assertThat(known).isPositive().isLessThan(second.work().data() - 3 * MIB);
      assertThat(second.work().data()).isLessThanOrEqualTo(first.work().data() + 4 * MIB);
    }
  }

  @Test
  void readsNothingWhereNothingWasWritten() throws IOException {
    try (Repository repository = Repository.create(directory.resolve("store"))) {
      RestorePoint first = repository.backUp(disk, Coverage.EVERY_SECTOR);
      RestorePoint second = goOn(repository, first);
      assertThat(second.work().known()).hasValue(second.work().data());
      assertThat(second.work().data()).isEqualTo(first.work().data());
      assertThat(second.work().stored()).isZero();
      assertSame(repository, first, second);
    }
  }

  /// QEMU does not count as written what is not there any more.
  @Test
  void whatWasCutOffIsNotTakenFromTheEarlierPoint() throws IOException {
    try (Repository repository = Repository.create(directory.resolve("store"))) {
      RestorePoint first = repository.backUp(disk, Coverage.EVERY_SECTOR);
      try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
        file.setLength(44L * MIB - 100); // amid what the host holds as one
        file.setLength(before.length);
      }
      RestorePoint second = goOn(repository, first, List.of());
      assertSame(repository, second, repository.backUp(disk, Coverage.EVERY_SECTOR));
      assertThat(second.work().known().orElseThrow()).isGreaterThan(36L * MIB);
    }
  }

  @Test
  void readsEverythingWhenThePartitionsHaveMoved() throws IOException {
    try (Repository repository = Repository.create(directory.resolve("store"))) {
      RestorePoint first = repository.backUp(disk, Coverage.USED);
      partition(83968);
      RestorePoint second = goOn(repository, first);
      assertThat(second.work().known()).isEmpty();
      assertSame(repository, second, repository.backUp(disk, Coverage.USED));
    }
  }
}
