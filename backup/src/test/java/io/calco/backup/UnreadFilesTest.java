package io.calco.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.backup.rescue.Run;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.testkit.Oracle;
import io.calco.volume.VolumeKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The files in runs that could not be read, of file systems that others made: where a file lies is
/// found by its bytes, which are nowhere else.
class UnreadFilesTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"ext4,40", "ext2-1k,32", "btrfs,128", "vfat,40", "ntfs,32"})
  void areNamed(String type, int mebibytes) throws IOException {
    Random random = new Random(7);
    Path tree = MadeDisks.tree(directory.resolve("tree"), random);
    Path image = MadeDisks.garbage(directory.resolve("disk"), (long) mebibytes << 20, random);
    MadeDisks.format(type, image, tree);
    byte[] disk = Files.readAllBytes(image);
    Path inTree = tree.resolve("d1/e1/f1");
    byte[] file = Files.readAllBytes(inTree);
    int at = find(disk, Arrays.copyOf(file, 512));
    List<Run> runs = List.of(new Run(at, 512), new Run((mebibytes << 20) - 512L, 512));
    assertThat(find(runs, image).files())
        .containsExactly(
            new Unread.LostFile(
                "whole disk",
                switch (type) {
                  case "vfat" -> "/d1/e1/f1";
                  case "ntfs" -> "/f1";
                  default -> "/d1/e1/f1";
                },
                512));
    byte[] spoilt = disk.clone();
    Arrays.fill(spoilt, at, at + 512, (byte) 0);
    Files.write(image, spoilt);
    assertThat(find(runs, image).fileCount()).isEqualTo(1);
  }

  private static Unread find(List<Run> runs, Path image) throws IOException {
    try (Image source = Image.open(image, ImageOptions.reading().withFormat("raw"))) {
      UnreadFiles.Found found = UnreadFiles.find(source.disk(), runs, VolumeKeys.none());
      assertThat(found.warnings()).isEmpty();
      return found.unread();
    }
  }

  private static int find(byte[] disk, byte[] what) {
    List<Integer> places = new ArrayList<>();
    for (int at = 0; at + what.length <= disk.length; at += 512) {
      if (disk[at] == what[0] && Arrays.equals(disk, at, at + what.length, what, 0, what.length)) {
        places.add(at);
      }
    }
    assertThat(places).hasSize(1);
    return places.getFirst();
  }

  /// A table of inodes that is gone takes files with it.
  @org.junit.jupiter.api.Test
  void directoriesThatCannotBeReadAreNamedThemselves() throws IOException {
    Random random = new Random(8);
    Path tree = MadeDisks.tree(directory.resolve("tree"), random);
    Path image = MadeDisks.garbage(directory.resolve("disk"), 40 << 20, random);
    MadeDisks.format("ext4", image, tree);
    String blocks =
        Oracle.named("debugfs").run("-R", "blocks /d1/e1", image).succeeds().out().strip();
    long at = Long.parseLong(blocks.split(" ")[0]) * blockSize(image);
    MadeDisks.overwrite(image, at, new byte[(int) blockSize(image)]);
    Unread unread = find(List.of(new Run(at, blockSize(image))), image);
    assertThat(unread.files()).extracting(Unread.LostFile::path).containsExactly("/d1/e1");
    assertThat(unread.sentence()).contains("1 file lies there");
  }

  private static long blockSize(Path image) {
    String facts = Oracle.named("dumpe2fs").run("-h", image).succeeds().out();
    return Long.parseLong(
        facts
            .lines()
            .filter(line -> line.startsWith("Block size:"))
            .findFirst()
            .orElseThrow()
            .replaceAll("\\D+", ""));
  }
}
