package io.calco.fs.fat;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileSystem;
import io.calco.fs.FileType;
import io.calco.fs.InMemory;
import io.calco.fs.WriteLog;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A crash at any point leaves every file with its old or its new content, and at worst clusters
/// that belong to nobody, chains longer than their file, and two names for one that was renamed.
class CrashTest {
  private static final FileAttributes ATTRIBUTES =
      FileAttributes.root(0755, Instant.ofEpochSecond(1_700_000_000));

  /// What fsck.vfat may say of it; with `-v` off it says nothing else of a healthy one.
  private static final List<String> HARMLESS =
      List.of(
          "Reclaimed ",
          "Invalid '..' entry in the second slot",
          "Free cluster summary",
          "Dirty bit is set",
          "Automatically removing dirty bit",
          "File size is ",
          "Truncating file to ",
          "FATs differ",
          "Using first FAT",
          "There are differences between boot sector and its backup",
          "This is mostly harmless",
          "Orphaned long file name part",
          "Auto-deleting",
          "Auto-correcting",
          "Not automatically fixing this",
          "Reclaiming unconnected clusters",
          "Leaving filesystem unchanged",
          "Performing changes",
          "fsck.fat ");

  /// Names of which both may be there.
  private static final List<List<String>> RENAMED =
      List.of(
          List.of("/kept/a file named 1", "/other/file1"),
          List.of("/kept/a file named 7", "/kept/in the same directory"),
          List.of("/kept/a file named 11", "/kept/a file named 13"),
          List.of("/other/inner", "/inner"));

  @TempDir(factory = InMemory.class)
  Path directory;

  private static byte[] content(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /// Steps between which the file system is synced.
  private static final List<FatImage.Work> STEPS =
      List.of(
          fs -> {
            for (int i = 0; i < 40; i += 2) {
              fs.delete("/kept/a file named " + i);
            }
          },
          fs -> {
            for (int i = 0; i < 30; i++) {
              fs.write("/kept/one that is new " + i, content(100 + i, 700 * i), ATTRIBUTES);
            }
          },
          fs -> {
            fs.createDirectory("/other", ATTRIBUTES);
            fs.createDirectory("/other/inner", ATTRIBUTES);
            fs.write("/kept/a file named 3", content(7, 20_000), ATTRIBUTES);
            fs.truncate("/kept/a file named 5", 1);
            fs.truncate("/kept/a file named 9", 40_000);
          },
          fs -> {
            fs.rename("/kept/a file named 1", "/other/file1");
            fs.rename("/kept/a file named 7", "/kept/in the same directory");
            fs.rename("/kept/a file named 11", "/kept/a file named 13");
            fs.rename("/other/inner", "/inner");
          });

  @ParameterizedTest
  @ValueSource(strings = {"1440 -F 12", "6000 -F 16 -s 1", "1000 -F 32 -s 1 -S 1024"})
  void everyFileIsOldOrNew(String options) throws IOException {
    String[] words = options.split(" ");
    FatImage image =
        FatImage.make(
            directory, Long.parseLong(words[0]), Arrays.copyOfRange(words, 1, words.length));
    image.write(fs -> {
      fs.createDirectory("/kept", ATTRIBUTES);
      for (int i = 0; i < 40; i++) {
        fs.write("/kept/a file named " + i, content(i, 500 * i), ATTRIBUTES);
      }
    });
    WriteLog log = new WriteLog(Files.readAllBytes(image.path()));
    Map<String, Set<Integer>> contents = new HashMap<>();
    Set<String> untouched = new HashSet<>();
    try (Disk disk = log.disk();
        FileSystem fs = new FatFileSystemType().openWritable(disk)) {
      untouched.addAll(collect(fs, contents).keySet());
      for (FatImage.Work step : STEPS) {
        step.on(fs);
        fs.sync();
        Map<String, Integer> state = collect(fs, contents);
        untouched.removeIf(path -> !state.containsKey(path) || contents.get(path).size() > 1);
      }
    }
    assertThat(untouched).hasSize(13);
    Seeds.run(
        30,
        random -> {
          Path crashed = directory.resolve("crashed.img");
          Files.write(crashed, log.crashAfter(random.nextInt(log.syncs() + 1), random));
          judge(new FatImage(crashed), contents, untouched);
        });
  }

  private static void judge(
      FatImage crashed, Map<String, Set<Integer>> contents, Set<String> untouched)
      throws IOException {
    Map<String, Set<Integer>> found = new HashMap<>();
    crashed.read(fs -> assertThat(collect(fs, found).keySet()).containsAll(untouched));
    found.forEach((path, hashes) -> {
      // A renamed file may have its new name's content under the old one, but never any other.
      assertThat(contents).as(path).containsKey(path);
      assertThat(contents.get(path)).as(path).containsAll(hashes);
    });
    Oracle.Run run = Oracle.named("fsck.vfat").run("-n", crashed.path()).exits(0, 1);
    List<String> said =
        run.out()
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("/"))
            .filter(line -> !line.matches("\\d+:[0-9a-f]{2}/[0-9a-f]{2}.*"))
            .filter(line -> HARMLESS.stream().noneMatch(line::startsWith))
            .toList();
    if (run.out().contains("share clusters")) {
      assertThat(RENAMED)
          .as(run.toString())
          .anyMatch(names -> names.stream().allMatch(run.out().toLowerCase(Locale.ROOT)::contains));
    } else {
      assertThat(said).as(run.toString()).isEmpty();
    }
  }

  /// All files with their content's hash.
  private static Map<String, Integer> collect(FileSystem fs, Map<String, Set<Integer>> contents)
      throws IOException {
    Map<String, Integer> state = new HashMap<>();
    collect(fs, "", state);
    state.forEach((path, hash) -> contents.computeIfAbsent(path, p -> new HashSet<>()).add(hash));
    return state;
  }

  private static void collect(FileSystem fs, String path, Map<String, Integer> state)
      throws IOException {
    for (var entry : fs.list(path.isEmpty() ? "/" : path)) {
      String child = path + "/" + entry.name();
      if (entry.type() == FileType.DIRECTORY) {
        collect(fs, child, state);
      } else {
        byte[] bytes = new byte[(int) fs.find(child).orElseThrow().size()];
        fs.read(child, 0, MemorySegment.ofArray(bytes));
        state.put(child, Arrays.hashCode(bytes));
      }
    }
  }
}
