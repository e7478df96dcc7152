package io.calco.fs.btrfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.Extent;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.FileDisk;
import io.calco.fs.FileTree;
import io.calco.fs.InMemory;
import io.calco.fs.Mounted;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// File systems whose chunks lie far behind, shrunk; judged by `btrfs check`, and by the kernel,
/// which finds every file as it was, scrubs, and goes on writing.
class ShrinkTest {
  private static final long MIB = 1 << 20;

  /// Chunks in the middle are emptied and given back, what is behind them stays.
  private static final String FILL =
      """
      fallocate -l 100M gone; sync -f .
      mkdir d; for i in $(seq 1 200); do head -c $((i * 331)) /dev/urandom > "d/file $i"; done
      head -c 30000000 /dev/urandom > big; ln big hard; ln -s big soft; truncate -s 9M sparse
      setfattr -n user.x -v y d; btrfs -q subvolume create sub; cp --reflink=always big sub
      btrfs -q subvolume snapshot -r . snapshot; sync -f .
      btrfs -q subvolume delete snapshot; rm gone; sync -f .
      btrfs -q balance start -dusage=1 . || btrfs -q balance start -dusage=1 -musage=1 .; sync -f .
      """;

  @TempDir(factory = InMemory.class)
  Path directory;

  private BtrfsImage filled(String options) throws IOException {
    BtrfsImage image = BtrfsImage.make(directory, 700, options.split(" "));
    try (Mounted mounted = image.mount("rw")) {
      mounted.shell(FILL);
    }
    return image;
  }

  private static Map<String, String> kernelsTree(BtrfsImage image) throws IOException {
    try (Mounted mounted = image.mount("ro")) {
      return FileTree.of(mounted.path());
    }
  }

  private BtrfsImage shrunk(BtrfsImage image, long size) throws IOException {
    Path path = Files.createTempFile(directory, "shrunk", ".img");
    // With its holes: some are large.
    try (Image raw = Image.open(image.path(), ImageOptions.reading().withFormat("raw"));
        Disk shrunk = new BtrfsFileSystemType().shrunk(raw.disk(), size);
        RandomAccessFile out = new RandomAccessFile(path.toFile(), "rw")) {
      assertThat(shrunk.size()).isBetween(size - 4095, size);
      out.setLength(shrunk.size());
      for (long at = 0; at < shrunk.size(); ) {
        Extent extent = shrunk.extentAt(at, Math.min(MIB, shrunk.size() - at));
        if (!extent.readsZero()) {
          out.seek(at);
          out.write(shrunk.readBytes(at, (int) extent.length()));
        }
        at += extent.length();
      }
    }
    return new BtrfsImage(path);
  }

  private static long least(BtrfsImage image) throws IOException {
    try (Disk disk = FileDisk.readOnly(image.path())) {
      return new BtrfsFileSystemType().leastSize(disk);
    }
  }

  /// Bytes of the device that chunks take.
  private static long inChunks(BtrfsImage image) {
    String tree =
        Oracle.named("btrfs")
            .run("inspect-internal", "dump-tree", "-t", "chunk", image.path())
            .succeeds()
            .out();
    Matcher used = Pattern.compile("total_bytes \\d+ bytes_used (\\d+)").matcher(tree);
    assertThat(used.find()).isTrue();
    return Long.parseLong(used.group(1));
  }

  private static void check(BtrfsImage image) {
    Oracle.Run run =
        Oracle.named("btrfs")
            .run("check", "--readonly", "--check-data-csum", image.path())
            .succeeds();
    assertThat(run.out() + run.err()).doesNotContainIgnoringCase("warning", "error:", "mismatch");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-m dup -d single",
        "-m single -d dup -R ^free-space-tree --csum xxhash",
        "--mixed -m single -d single",
        "-m dup -d single -n 4096 --csum blake2"
      })
  void chunksMoveBelowTheNewEnd(String options) throws IOException {
    BtrfsImage image = filled(options);
    Map<String, String> files = kernelsTree(image);
    long least = least(image);
    assertThat(least).isLessThan(500 * MIB);
    BtrfsImage at = image;
    for (long size : new long[] {least + (700 * MIB - least) / 2 + 512, least}) {
      at = shrunk(at, size); // from what was shrunk before
      check(at);
      FileTree.assertSame(files, kernelsTree(at));
    }
    assertThat(least(at)).isLessThanOrEqualTo(least);
    if (!options.contains("mixed") && !options.contains("^free-space-tree")) {
      assertThat(inChunks(at)).as("free ends of chunks are cut off").isLessThan(inChunks(image));
    }
    long tooSmall = least - MIB;
    assertThatThrownBy(() -> shrunk(image, tooSmall)).isInstanceOf(LimitExceededException.class);
    try (RandomAccessFile larger = new RandomAccessFile(at.path().toFile(), "rw")) {
      larger.setLength(900 * MIB);
    }
    try (Mounted mounted = at.mount("rw")) {
      mounted.shell(
          """
          btrfs scrub start -B -R . | tee /dev/stderr | grep -q 'uncorrectable_errors: 0'
          btrfs -q filesystem resize max .; cp -r d again; head -c 40000000 /dev/urandom > more
          btrfs -q balance start --full-balance .
          """);
    }
    check(at);
  }

  /// As a machine leaves it that was switched off: the log is replayed on the shorter device.
  @Test
  void aLogThatAwaitsReplayStays() throws IOException {
    BtrfsImage image = filled("-m dup -d single");
    BtrfsImage dirty = new BtrfsImage(directory.resolve("dirty.img"));
    try (Mounted mounted = image.mount("rw,commit=300")) {
      mounted.shell("seq 1 100000 > logged; xfs_io -c fsync logged");
      Files.copy(image.path(), dirty.path(), StandardCopyOption.REPLACE_EXISTING);
    }
    Path untouched = Files.copy(dirty.path(), directory.resolve("untouched.img"));
    BtrfsImage smaller = shrunk(dirty, least(dirty));
    assertThat(Files.mismatch(dirty.path(), untouched)).isEqualTo(-1);
    assertThat(Files.mismatch(smaller.path(), shrunk(dirty, least(dirty)).path())).isEqualTo(-1);
    try (Mounted mounted = smaller.mount("rw")) {
      mounted.shell("cmp logged <(seq 1 100000)");
    }
    check(smaller);
  }

  /// Hundreds of chunks, so that the trees have several levels, and around the third superblock.
  @Test
  void chunksBeyondTheLastSuperblock() throws IOException {
    BtrfsImage image = BtrfsImage.make(directory, 400 << 10, "-n", "4096");
    try (Mounted mounted = image.mount("rw")) {
      mounted.shell(
          """
          fallocate -l 150G gone; sync -f .; fallocate -l 180G aside; sync -f .
          mkdir d; for i in $(seq 1 50); do head -c 9000 /dev/urandom > d/$i; done; sync -f .
          rm gone; sync -f .; btrfs -q balance start -dusage=0 .; sync -f .
          """);
    }
    String tree =
        Oracle.named("btrfs")
            .run("inspect-internal", "dump-tree", "-t", "dev", image.path())
            .succeeds()
            .out();
    assertThat(tree).contains("level 1");
    long least = least(image);
    assertThat(least).isBetween(180L << 30, 190L << 30);
    for (long size : new long[] {300L << 30, least}) {
      BtrfsImage smaller = shrunk(image, size);
      check(smaller);
      try (Mounted mounted = smaller.mount("rw")) {
        mounted.shell("fallocate -l 1M more; rm aside; sync -f .");
      }
      check(smaller);
      Files.delete(smaller.path());
    }
  }

  @Test
  void severalDevicesAreRefused() throws IOException {
    BtrfsImage one = BtrfsImage.make(directory, 200, 2, "-m", "raid1").getFirst();
    assertThatThrownBy(() -> least(one))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("with 2 devices it cannot be shrunk");
  }
}
