package io.calco.fs.ntfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileSystem;
import io.calco.fs.FileTree;
import io.calco.fs.InMemory;
import io.calco.fs.WriteLog;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// After a cut anywhere each file is as before or as after, and nothing is worse than clusters that
/// are no file's.
class CrashTest {
  private static final FileAttributes ATTRIBUTES =
      FileAttributes.root(0777, Instant.ofEpochSecond(1_700_000_000));

  @TempDir(factory = InMemory.class)
  Path directory;

  private static byte[] content(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private byte[] image() throws IOException {
    NtfsImage image = NtfsImage.make(directory, 8);
    image.write(fs -> {
      fs.createDirectory("/kept", ATTRIBUTES);
      for (int i = 0; i < 120; i++) {
        fs.write("/kept/file with a name" + i, content(i, 100 * i), ATTRIBUTES);
      }
    });
    return Files.readAllBytes(image.path());
  }

  private static final List<NtfsImage.Work> STEPS =
      List.of(
          fs -> {
            for (int i = 0; i < 100; i += 2) {
              fs.delete("/kept/file with a name" + i);
            }
          },
          fs -> {
            for (int i = 0; i < 90; i++) {
              fs.write("/kept/a new one" + i, content(100 + i, 70 * i), ATTRIBUTES);
            }
          },
          fs -> {
            fs.createDirectory("/other", ATTRIBUTES);
            fs.rename("/kept/file with a name1", "/other/file1");
            fs.write("/kept/file with a name3", content(7, 50_000), ATTRIBUTES);
            fs.truncate("/kept/file with a name105", 5000);
          },
          fs -> {
            fs.setExtendedAttribute("/other", "user.a", Optional.of(content(8, 600)));
            fs.rename("/kept/file with a name7", "/kept/z");
            fs.createLink("/other/link", "z".repeat(90), ATTRIBUTES);
            for (int i = 0; i < 90; i++) {
              fs.delete("/kept/a new one" + i);
            }
          });

  private static Map<String, String> tree(FileSystem fs) throws IOException {
    Map<String, String> tree = new TreeMap<>(FileTree.of(fs));
    tree.replaceAll((path, line) -> line.replaceFirst("links \\d+ ", ""));
    return tree;
  }

  @Test
  void eachFileIsOldOrNew() throws IOException {
    WriteLog log = new WriteLog(image(), 4096);
    List<Map<String, String>> states = new ArrayList<>();
    List<Integer> syncs = new ArrayList<>();
    try (Disk disk = log.disk();
        FileSystem fs = new NtfsFileSystemType().openWritable(disk)) {
      states.add(tree(fs));
      syncs.add(0);
      for (NtfsImage.Work step : STEPS) {
        step.on(fs);
        fs.sync();
        states.add(tree(fs));
        syncs.add(log.syncs());
      }
    }
    Seeds.run(
        15,
        random -> {
          int cut = random.nextInt(log.syncs() + 1);
          NtfsImage crashed = new NtfsImage(directory.resolve("crashed.img"));
          Files.write(crashed.path(), log.crashAfter(cut, random));
          int reached = 0;
          while (reached + 1 < states.size() && syncs.get(reached + 1) <= cut) {
            reached++;
          }
          Map<String, String> before = states.get(reached);
          Map<String, String> after = states.get(Math.min(reached + 1, states.size() - 1));
          Map<String, String> found = new TreeMap<>();
          crashed.read(fs -> found.putAll(tree(fs)));
          TreeSet<String> paths = new TreeSet<>(before.keySet());
          paths.addAll(after.keySet());
          paths.addAll(found.keySet());
          for (String path : paths) {
            assertThat(found.get(path)).as(path).isIn(before.get(path), after.get(path));
          }
          onlyLost(crashed);
        });
  }

  /// ntfsresize counts every cluster of every file: some may be marked that are no file's, none may
  /// be a file's and not marked, or two files'. A cut between the two copies of the record that
  /// says "dirty" is for ntfsfix to mend first, as it would be after Windows.
  private static void onlyLost(NtfsImage image) {
    String said = resizeInfo(image);
    if (said.contains("$MFTMirr does not match $MFT")) {
      Oracle.named("ntfsfix").run(image.path()).succeeds();
      said = resizeInfo(image);
    }
    assertThat(said.replaceAll("Cluster accounting failed at .*: extra cluster in \\$Bitmap", ""))
        .doesNotContain("accounting failed at")
        .doesNotContain("referenced multiple times")
        .contains("Checking filesystem consistency");
  }

  private static String resizeInfo(NtfsImage image) {
    return Oracle.named("ntfsresize")
        .run("--info", "--force", "--no-progress-bar", image.path())
        .out();
  }
}
