package io.calco.fs.ext;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A crash at any point leaves the old or the new state, whoever replays the journal.
class CrashTest {
  private static final FileAttributes ATTRIBUTES =
      FileAttributes.root(0644, Instant.ofEpochSecond(1_700_000_000));

  @TempDir(factory = InMemory.class)
  Path directory;

  private byte[] image(String options) throws IOException {
    ExtImage image = ExtImage.make(directory, 8, options.split(" "));
    image.write(fs -> {
      fs.createDirectory("/kept", ATTRIBUTES);
      for (int i = 0; i < 40; i++) {
        fs.write("/kept/file" + i, content(i, 3000 * i), ATTRIBUTES);
      }
    });
    return Files.readAllBytes(image.path());
  }

  private static byte[] content(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /// Steps between which the file system is synced.
  private static final List<ExtImage.Work> STEPS =
      List.of(
          fs -> {
            for (int i = 0; i < 40; i += 2) {
              fs.delete("/kept/file" + i);
            }
          },
          fs -> {
            for (int i = 0; i < 30; i++) {
              fs.write("/kept/new" + i, content(100 + i, 2000 * i), ATTRIBUTES);
            }
          },
          fs -> {
            fs.createDirectory("/other", ATTRIBUTES);
            fs.rename("/kept/file1", "/other/file1");
            fs.write("/kept/file3", content(7, 50_000), ATTRIBUTES);
            fs.truncate("/kept/file5", 1);
          },
          fs -> {
            fs.setExtendedAttribute("/other", "user.a", Optional.of(content(8, 600)));
            fs.rename("/kept/file7", "/kept/file9");
            fs.createLink("/other/link", "z".repeat(90), ATTRIBUTES);
          });

  private record Recorded(WriteLog log, List<Map<String, String>> states, List<Integer> syncs) {}

  private static Recorded record(byte[] image) throws IOException {
    WriteLog log = new WriteLog(image);
    List<Map<String, String>> states = new ArrayList<>();
    List<Integer> syncs = new ArrayList<>();
    try (Disk disk = log.disk();
        FileSystem fs = new ExtFileSystemType().openWritable(disk)) {
      states.add(FileTree.of(fs));
      syncs.add(0);
      for (ExtImage.Work step : STEPS) {
        step.on(fs);
        fs.sync();
        states.add(FileTree.of(fs));
        syncs.add(log.syncs());
      }
    }
    return new Recorded(log, states, syncs);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-t ext4 -b 1024",
        "-t ext4 -b 4096",
        "-t ext3 -b 1024",
        "-t ext4 -b 1024 -O ^metadata_csum,uninit_bg"
      })
  void journalGivesOldOrNewState(String options) throws IOException {
    Recorded recorded = record(image(options));
    Seeds.run(
        5,
        random -> {
          int cut = random.nextInt(recorded.log().syncs() + 1);
          byte[] crashed = recorded.log().crashAfter(cut, random);
          ExtImage ours = new ExtImage(directory.resolve("ours.img"));
          Files.write(ours.path(), crashed);
          assertThat(allowed(recorded, cut)).contains(treeOf(ours));
          ours.write(fs -> {});
          ours.check();
          Map<String, String> tree = treeOf(ours);
          assertThat(allowed(recorded, cut)).contains(tree);
          ExtImage theirs = new ExtImage(directory.resolve("theirs.img"));
          Files.write(theirs.path(), crashed);
          Oracle.named("e2fsck").run("-fy", theirs.path()).exits(0, 1);
          assertThat(allowed(recorded, cut)).contains(treeOf(theirs));
        });
  }

  /// The states that a crash after `cut` syncs may leave: the last one that was certainly reached,
  /// and the one that was being written.
  private static List<Map<String, String>> allowed(Recorded recorded, int cut) {
    int reached = 0;
    while (reached + 1 < recorded.states().size() && recorded.syncs().get(reached + 1) <= cut) {
      reached++;
    }
    return recorded.states().subList(reached, Math.min(reached + 2, recorded.states().size()));
  }

  private static Map<String, String> treeOf(ExtImage image) throws IOException {
    List<Map<String, String>> tree = new ArrayList<>();
    image.read(fs -> tree.add(FileTree.of(fs)));
    return tree.getFirst();
  }

  @Test
  void growingIsWholeOrNot() throws IOException {
    ExtImage image = ExtImage.make(directory, 8, "-t", "ext4", "-b", "1024");
    byte[] larger = java.util.Arrays.copyOf(Files.readAllBytes(image.path()), 40 << 20);
    WriteLog log = new WriteLog(larger);
    try (Disk disk = log.disk();
        FileSystem fs = new ExtFileSystemType().openWritable(disk)) {
      fs.growToDisk();
    }
    Seeds.run(
        8,
        random -> {
          ExtImage crashed = new ExtImage(directory.resolve("grown.img"));
          Files.write(crashed.path(), log.crashAfter(random.nextInt(log.syncs() + 1), random));
          crashed.write(fs -> assertThat(fs.facts().size()).isIn(8L << 20, 40L << 20));
          crashed.check();
        });
  }

  @Test
  void withoutAJournalNothingElseIsLost() throws IOException {
    Recorded recorded = record(image("-t ext2 -b 1024"));
    Seeds.run(
        5,
        random -> {
          ExtImage crashed = new ExtImage(directory.resolve("crashed.img"));
          int cut = random.nextInt(recorded.log().syncs() + 1);
          Files.write(crashed.path(), recorded.log().crashAfter(cut, random));
          Oracle.named("e2fsck").run("-fy", crashed.path()).exits(0, 1);
          Map<String, String> tree = treeOf(crashed);
          for (int i = 11; i < 40; i += 2) {
            String path = "/kept/file" + i;
            assertThat(tree.get(path)).isEqualTo(recorded.states().getFirst().get(path));
          }
        });
  }
}
