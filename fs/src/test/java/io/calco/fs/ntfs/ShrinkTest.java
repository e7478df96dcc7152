package io.calco.fs.ntfs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileDisk;
import io.calco.fs.FileTree;
import io.calco.fs.InMemory;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Volumes that ntfs-3g filled, shrunk in steps down to the least, judged by ntfsresize and
/// ntfsfix, and by ntfs-3g, which finds every file as it was.
class ShrinkTest {
  private static final long MIB = 1 << 20;
  private static final FileAttributes ATTRIBUTES = FileAttributes.root(0644, Instant.EPOCH);
  private static final Pattern LEAST = Pattern.compile("You might resize at (\\d+) bytes");

  /// Files all over the volume, the first ones gone again: what is left lies behind holes. Sparse
  /// and packed ones, links, streams, a directory of many names.
  private static final String FILL =
      """
      RANDOM=6; mkdir -p gone kept/a/b/c kept/packed
      setfattr -n system.ntfs_attrib_be -v 0x00000800 kept/packed
      for i in $(seq 12); do head -c $((RANDOM * 60)) /dev/urandom > gone/$i; done
      head -c 9000000 /dev/urandom > kept/big
      for d in $(seq 12); do
        mkdir kept/d$d
        for i in $(seq 6); do head -c $((RANDOM / 4)) /dev/urandom > "kept/d$d/file $i"; done
      done
      ln kept/big kept/hard; ln -s big kept/soft
      truncate -s 30M kept/sparse; echo tail >> kept/sparse
      for i in $(seq 0 300 9000); do
        head -c 1024 /dev/urandom | dd of=kept/holes bs=1024 seek=$i conv=notrunc status=none
      done
      seq 100000 > kept/packed/numbers
      (seq 9999; head -c 200000 /dev/urandom; seq 30000) > kept/packed/mixed
      setfattr -n user.zone -v 'stream content' kept/big
      setfattr -n user.long -v "$(printf '%060000d' 7)" kept/sparse
      touch kept/a/file_with_a_longer_name_$(seq -s ' kept/a/file_with_a_longer_name_' 700)
      head -c 3000000 /dev/urandom > kept/last
      rm -r gone
      """;

  @TempDir(factory = InMemory.class)
  Path directory;

  private NtfsImage filled(String options) throws IOException {
    NtfsImage image = NtfsImage.make(directory, 96, options.split(" "));
    image.shell(FILL);
    image.check();
    return image;
  }

  private static Map<String, String> theirs(NtfsImage image) throws IOException {
    Map<String, String> tree = new TreeMap<>();
    image.mounted("ro", root -> tree.putAll(FileTree.of(root)));
    return tree;
  }

  private NtfsImage shrunk(NtfsImage image, long size) throws IOException {
    return shrunk(image, size, Files.createTempFile(directory, "shrunk", ".img"));
  }

  static NtfsImage shrunk(NtfsImage image, long size, Path path) throws IOException {
    try (Disk disk = FileDisk.readOnly(image.path());
        Disk shrunk = new NtfsFileSystemType().shrunk(disk, size);
        OutputStream out = Files.newOutputStream(path)) {
      assertThat(shrunk.size()).isBetween(Math.min(size, disk.size()) - 4096, size);
      for (long at = 0; at < shrunk.size(); at += MIB) {
        out.write(shrunk.readBytes(at, (int) Math.min(MIB, shrunk.size() - at)));
      }
    }
    return new NtfsImage(path);
  }

  static long least(NtfsImage image) throws IOException {
    try (Disk disk = FileDisk.readOnly(image.path())) {
      return new NtfsFileSystemType().leastSize(disk);
    }
  }

  private static long ntfsresizesLeast(NtfsImage image) {
    Matcher found =
        LEAST.matcher(
            Oracle.named("ntfsresize")
                .run("--info", "--force", "--no-progress-bar", image.path())
                .succeeds()
                .out());
    assertThat(found.find()).isTrue();
    return Long.parseLong(found.group(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-c 4096 -s 4096", "-c 512", "-c 65536"})
  void shrinksInStepsToTheLeast(String options) throws IOException {
    NtfsImage image = filled(options);
    Map<String, String> files = theirs(image);
    long least = least(image);
    assertThat(least).isLessThanOrEqualTo(ntfsresizesLeast(image));
    NtfsImage at = image;
    for (long size : new long[] {70 * MIB + 4096, 48 * MIB + 512, 0}) {
      // From what was shrunk before: what was moved once is moved once more.
      at = shrunk(at, Math.max(size, least(at)));
      at.check();
      FileTree.assertSame(files, theirs(at));
    }
    assertThatThrownBy(() -> shrunk(image, 8 * MIB)).isInstanceOf(LimitExceededException.class);
  }

  @Test
  void refusesWhatWasNotLeftInOrder() throws IOException {
    NtfsImage dirty = NtfsImage.make(directory, 8);
    assertThat(Files.size(shrunk(dirty, 5 * MIB).path())).isEqualTo(5 * MIB);
    Oracle.named("ntfsfix").run(dirty.path()).succeeds(); // leaves it dirty for chkdsk
    NtfsImage asleep = NtfsImage.make(directory, 8);
    asleep.write(fs -> fs.write("/hiberfil.sys", "HIBR and more".getBytes(UTF_8), ATTRIBUTES));
    assertThatThrownBy(() -> shrunk(asleep, 5 * MIB))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("hibernated");
    assertThatThrownBy(() -> least(dirty))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("chkdsk");
  }

  /// What is moved by a map that is not true would be lost.
  @Test
  void refusesAFileWhoseClustersAreMarkedAsFree() throws IOException {
    NtfsImage image = NtfsImage.make(directory, 8, "-c", "4096");
    image.write(fs -> fs.write("/file", new byte[300_000], ATTRIBUTES));
    try (Disk disk = FileDisk.writable(image.path())) {
      Volume volume = Volume.load(disk);
      long reference = volume.file(Volume.ROOT).names().find("file").orElseThrow().reference();
      long cluster = volume.fileAt(reference).data().runs().place(0);
      RunList bitmap = volume.file(Volume.BITMAP).data().runs();
      volume.units.writeRuns(bitmap, cluster / 8, new byte[1]);
    }
    assertThatThrownBy(() -> shrunk(image, 5 * MIB))
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining("marked as free");
  }

  /// Nothing lies together: files, a directory and the MFT in hundreds of pieces, told of in
  /// several records, between single free clusters.
  @ParameterizedTest
  @CsvSource({"28, 4096", "16, 1024"})
  void shrinksWhatLiesInPieces(int mebibytes, String cluster) throws IOException {
    NtfsImage image = NtfsImage.make(directory, mebibytes, "-c", cluster);
    image.mounted("rw", ShrinkTest::scatter);
    image.check();
    try (Disk disk = FileDisk.readOnly(image.path())) {
      Volume volume = Volume.load(disk);
      assertThat(volume.mft().runs().count()).isGreaterThan(3);
      long reference = volume.file(Volume.ROOT).names().find("pieces").orElseThrow().reference();
      NtfsFile pieces = volume.fileAt(reference);
      assertThat(pieces.data().runs().count()).isGreaterThan(200);
      assertThat(pieces.extensions()).isNotEmpty();
    }
    Map<String, String> files = theirs(image);
    long least = least(image);
    assertThat(least).isLessThanOrEqualTo(ntfsresizesLeast(image));
    long step = (mebibytes * MIB - least) / 3 - 512;
    for (long size = least; size < mebibytes * MIB; size += step) {
      NtfsImage smaller = shrunk(image, size);
      smaller.check();
      FileTree.assertSame(files, theirs(smaller));
      Files.delete(smaller.path());
    }
  }

  private static void scatter(Path root) throws IOException {
    Random random = new Random(7);
    byte[] content = new byte[4096];
    int count = 0;
    try {
      for (; count < 5000; count++) {
        random.nextBytes(content);
        Files.write(root.resolve("f" + count), content);
      }
    } catch (IOException e) {
      // Full.
    }
    delete(root, count / 2, count, 2);
    try (OutputStream pieces = Files.newOutputStream(root.resolve("pieces"))) {
      for (int i = 0; i < 5000; i++) {
        random.nextBytes(content);
        pieces.write(content);
      }
    } catch (IOException e) {
      // Full again.
    }
    delete(root, 0, count / 2, 8);
    Path names = Files.createDirectory(root.resolve("names"));
    for (int i = 0; i < 600; i++) {
      Files.write(names.resolve("a file with a longer name " + i), new byte[0]);
    }
    delete(root, 0, count / 2, 1);
  }

  private static void delete(Path root, int from, int to, int step) throws IOException {
    for (int i = from; i < to; i += step) {
      Files.deleteIfExists(root.resolve("f" + i));
    }
  }
}
