package io.calco.fs.xfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileSystem;
import io.calco.fs.FileTree;
import io.calco.fs.InMemory;
import io.calco.fs.Mounted;
import io.calco.fs.WriteLog;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A crash at any point leaves the old or the new state: the kernel replays what we logged.
class CrashTest {
  private static final FileAttributes ATTRIBUTES =
      FileAttributes.root(0644, Instant.ofEpochSecond(1_700_000_000));

  /// Steps between which the file system is synced.
  private static final List<XfsImage.Work> STEPS =
      List.of(
          fs -> {
            for (int i = 0; i < 40; i += 2) {
              fs.delete("/kept/file" + i);
            }
          },
          fs -> {
            for (int i = 0; i < 90; i++) {
              fs.write("/kept/a new file " + i, content(100 + i, 1000 * i), ATTRIBUTES);
            }
          },
          fs -> {
            fs.createDirectory("/other", ATTRIBUTES);
            fs.rename("/kept/file1", "/other/file1");
            fs.write("/kept/file3", content(7, 50_000), ATTRIBUTES);
            fs.truncate("/kept/file5", 1);
            fs.truncate("/kept/file7", 10_001);
          },
          fs -> {
            fs.setExtendedAttribute("/other", "user.a", Optional.of(content(8, 20_000)));
            fs.rename("/kept/file7", "/kept/file9");
            fs.createLink("/other/link", "z".repeat(900), ATTRIBUTES);
          },
          fs -> {
            fs.write("/last", content(9, 100), ATTRIBUTES);
          });

  @TempDir(factory = InMemory.class)
  Path directory;

  private static byte[] content(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private record Recorded(WriteLog log, List<Map<String, String>> states, List<Integer> syncs) {}

  private static Recorded record(byte[] image) throws IOException {
    WriteLog log = new WriteLog(image);
    List<Map<String, String>> states = new ArrayList<>();
    List<Integer> syncs = new ArrayList<>();
    try (Disk disk = log.disk();
        FileSystem fs = new XfsFileSystemType().openWritable(disk)) {
      states.add(FileTree.of(fs));
      syncs.add(0);
      for (XfsImage.Work step : STEPS) {
        step.on(fs);
        fs.sync();
        states.add(FileTree.of(fs));
        syncs.add(log.syncs());
      }
    }
    return new Recorded(log, states, syncs);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-m crc=1", "-s size=4096 -b size=4096 -n size=8192"})
  void theLogGivesOldOrNewState(String options) throws IOException {
    XfsImage image = XfsImage.make(directory, 36, options.split(" "));
    image.write(fs -> {
      fs.createDirectory("/kept", ATTRIBUTES);
      for (int i = 0; i < 40; i++) {
        fs.write("/kept/file" + i, content(i, 3000 * i), ATTRIBUTES);
      }
    });
    Recorded recorded = record(Files.readAllBytes(image.path()));
    Seeds.run(
        8,
        random -> {
          int cut = random.nextInt(recorded.log().syncs() + 1);
          Files.write(image.path(), recorded.log().crashAfter(cut, random));
          boolean dirty = isDirty(image);
          if (dirty) {
            try {
              image.write(fs -> {});
              throw new AssertionError("a log to replay was overlooked");
            } catch (UnsupportedFeatureException e) {
              assertThat(e).hasMessageContaining("mount it once");
            }
          }
          try (Mounted mounted = image.mount("rw")) {
            mounted.shell("ls");
          }
          image.check();
          assertThat(allowed(recorded, cut)).contains(image.tree());
          image.write(fs -> fs.write("/after", new byte[1], ATTRIBUTES));
          image.check();
        });
  }

  private static boolean isDirty(XfsImage image) throws IOException {
    boolean[] clean = {false};
    image.read(fs -> clean[0] = fs.facts().clean());
    return !clean[0];
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
}
