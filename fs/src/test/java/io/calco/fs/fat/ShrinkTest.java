package io.calco.fs.fat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileDisk;
import io.calco.fs.FileSystem;
import io.calco.fs.FileTree;
import io.calco.fs.InMemory;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// File systems shrunk down to the least, judged by fsck.vfat and by mtools, which finds every file
/// as it was.
class ShrinkTest {
  private static final FileAttributes ATTRIBUTES = FileAttributes.root(0644, Instant.EPOCH);

  @TempDir(factory = InMemory.class)
  Path directory;

  private static FatImage make(Path directory, String options) throws IOException {
    String[] words = options.split(" ");
    return FatImage.make(
        directory, Long.parseLong(words[0]), Arrays.copyOfRange(words, 1, words.length));
  }

  /// What mtools copies out of it.
  private Map<String, String> theirs(FatImage image) throws IOException {
    Path out = Files.createTempDirectory(directory, "out");
    image.mtool("mcopy", "-s", "-m", "-n", "::/", out);
    Map<String, String> tree = new TreeMap<>(FileTree.of(out));
    tree.remove("/"); // its own times
    Oracle.named("rm").run("-r", out).succeeds();
    return tree;
  }

  private FatImage shrunk(FatImage image, long size) throws IOException {
    Path path = Files.createTempFile(directory, "shrunk", ".img");
    try (Disk disk = FileDisk.readOnly(image.path());
        Disk shrunk = new FatFileSystemType().shrunk(disk, size);
        OutputStream out = Files.newOutputStream(path)) {
      assertThat(shrunk.size()).isBetween(Math.min(size, disk.size()) - 4096, size);
      out.write(shrunk.readBytes(0, (int) shrunk.size()));
    }
    return new FatImage(path);
  }

  private static long least(FatImage image) throws IOException {
    try (Disk disk = FileDisk.readOnly(image.path())) {
      return new FatFileSystemType().leastSize(disk);
    }
  }

  /// Directories and files all over, the first ones gone again.
  private static void fill(FileSystem fs, Random random, int bytes) throws IOException {
    List<String> directories = new ArrayList<>(List.of(""));
    List<String> files = new ArrayList<>();
    for (int left = bytes, i = 0; left > 0; i++) {
      String path = directories.get(random.nextInt(directories.size())) + "/a longer name " + i;
      if (i % 9 == 0 && directories.size() < 30) {
        fs.createDirectory(path, ATTRIBUTES);
        directories.add(path);
      } else {
        byte[] content = new byte[random.nextInt(bytes / 20)];
        random.nextBytes(content);
        fs.write(path, content, ATTRIBUTES);
        files.add(path);
        left -= content.length + 4096;
      }
    }
    for (int i = 0; i < files.size(); i++) {
      if (i < files.size() / 4 || random.nextInt(3) == 0) {
        fs.delete(files.get(i));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1440 -F 12, 1000000",
    "20000 -F 16 -s 2 -r 512, 12000000",
    "60000 -F 16 -s 4 -S 1024, 30000000",
    "70000 -F 32 -s 1, 30000000",
    "3000 -F 32 -s 1 -f 1, 2000000"
  })
  void shrinksInStepsToTheLeast(String options, int bytes) {
    Seeds.run(
        2,
        random -> {
          FatImage image = make(directory, options);
          image.write(fs -> fill(fs, random, bytes));
          image.check();
          Map<String, String> files = theirs(image);
          long least = least(image);
          assertThat(least).isLessThan(Files.size(image.path()));
          FatImage at = image;
          for (long size : new long[] {(least + Files.size(image.path())) / 2, 0}) {
            at = shrunk(at, Math.max(size, least(at)));
            at.check();
            assertThat(theirs(at)).isEqualTo(files);
            if (!options.contains("-S")) { // minfo gives up on other sectors
              assertThat(at.mtool("minfo", "::")).contains(sectors(at));
            }
          }
          assertThat(least(at)).isEqualTo(least);
          assertThatThrownBy(() -> shrunk(image, least - 1024 * 8))
              .isInstanceOf(LimitExceededException.class);
        });
  }

  private static String sectors(FatImage image) throws IOException {
    byte[] boot = Files.readAllBytes(image.path());
    long size = boot.length / ((boot[11] & 0xFF) + 256 * (boot[12] & 0xFF));
    return (size < 1 << 16 && (boot[22] | boot[23]) != 0 ? "small size: " : "big size: ") + size;
  }

  /// With fewer clusters it would be taken for one of FAT16, and FAT16 for FAT12.
  @Test
  void staysOfItsKind() throws IOException {
    FatImage wide = make(directory, "100000 -F 32 -s 1");
    assertThat(least(wide)).isBetween(65525L * 512, 65525L * 512 + 1_700_000);
    shrunk(wide, least(wide)).check();
    FatImage narrow = make(directory, "8000 -F 16 -s 1");
    assertThat(least(narrow)).isBetween(4085L * 512, 4300L * 512);
    FatImage smaller = shrunk(narrow, least(narrow));
    smaller.check();
    smaller.read(fs -> assertThat(fs.facts().free()).isEqualTo(4085 * 512));
    assertThatThrownBy(() -> shrunk(narrow, least(narrow) - 512))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining("FAT16 has 4085 at least");
  }
}
