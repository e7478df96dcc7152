package io.calco.fs.fat;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileDisk;
import io.calco.fs.FileSystem;
import io.calco.fs.FileType;
import io.calco.fs.InMemory;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random operations against a model in memory; fsck.vfat judges after each of many.
class ModelTest {
  private static final FileAttributes ATTRIBUTES =
      FileAttributes.root(0755, Instant.ofEpochSecond(1_700_000_000));

  @TempDir(factory = InMemory.class)
  Path directory;

  /// What a path should hold, by its path without regard to case: bytes of a file, or a directory.
  private static final class Model {
    private final TreeMap<String, byte[]> files = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final TreeMap<String, String> directories =
        new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    Model() {
      directories.put("", "");
    }

    boolean has(String path) {
      return files.containsKey(path) || directories.containsKey(path);
    }

    boolean isEmpty(String path) {
      return all().stream().noneMatch(other -> isBelow(other, path));
    }

    static boolean isBelow(String path, String above) {
      return path.regionMatches(true, 0, above + "/", 0, above.length() + 1);
    }

    List<String> all() {
      List<String> all = new ArrayList<>(files.keySet());
      all.addAll(directories.keySet());
      return all;
    }

    void move(String from, String to) {
      boolean isSame = from.equalsIgnoreCase(to);
      // A name that is replaced stays as it was written.
      String name = !isSame && has(to) ? written(to) : to;
      TreeMap<String, byte[]> movedFiles = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      TreeMap<String, String> movedDirectories = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      for (String path : all()) {
        if (path.equalsIgnoreCase(from) || isBelow(path, from)) {
          String moved = name + path.substring(from.length());
          if (files.containsKey(path)) {
            movedFiles.put(moved, files.remove(path));
          } else {
            directories.remove(path);
            movedDirectories.put(moved, "");
          }
        }
      }
      files.remove(to);
      directories.remove(to);
      files.putAll(movedFiles);
      directories.putAll(movedDirectories);
    }

    private String written(String path) {
      return all().stream().filter(path::equalsIgnoreCase).findFirst().orElseThrow();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1440 -F 12",
        "4096 -F 12 -s 2 -S 1024",
        "9000 -F 16 -s 1 -r 112",
        "40000 -F 16 -s 4 -S 1024 -f 1",
        "3000 -F 32 -s 1",
        "70000 -F 32 -s 1 -S 4096"
      })
  void behavesAsItsModel(String options) {
    Seeds.run(
        1,
        random -> {
          String[] words = options.split(" ");
          FatImage image =
              FatImage.make(
                  directory, Long.parseLong(words[0]), Arrays.copyOfRange(words, 1, words.length));
          Model model = new Model();
          for (int round = 0; round < 12; round++) {
            try (Disk disk = FileDisk.writable(image.path());
                FileSystem fs = new FatFileSystemType().openWritable(disk)) {
              for (int i = 0; i < 3 + 10 * round; i++) {
                step(fs, model, random);
              }
              compare(fs, model);
            }
            image.check();
          }
          image.read(fs -> compare(fs, model));
        });
  }

  private static String pick(List<String> paths, Random random) {
    return paths.isEmpty() ? "" : paths.get(random.nextInt(paths.size()));
  }

  private static String newPath(Model model, Random random) {
    String name =
        switch (random.nextInt(6)) {
          case 0 -> "n".repeat(1 + random.nextInt(230));
          case 1 -> "Übergröße №";
          case 2 -> "kernel-6.1.0-";
          case 3 -> "GRUBX64";
          default -> "file";
        };
    String tail = random.nextInt(40) + (random.nextBoolean() ? ".conf" : "");
    return pick(new ArrayList<>(model.directories.keySet()), random)
        + "/"
        + name
        + (random.nextInt(8) == 0 ? tail.toUpperCase(java.util.Locale.ROOT) : tail);
  }

  private static void step(FileSystem fs, Model model, Random random) throws IOException {
    byte[] content = new byte[random.nextInt(1 << random.nextInt(17))];
    random.nextBytes(content);
    try {
      String some = pick(model.all(), random);
      switch (random.nextInt(9)) {
        case 0, 1, 2 -> write(fs, model, newPath(model, random), content);
        case 3 -> makeDirectory(fs, model, newPath(model, random));
        case 4 -> delete(fs, model, some);
        case 5 -> write(fs, model, pick(new ArrayList<>(model.files.keySet()), random), content);
        case 6 -> rename(fs, model, some, newPath(model, random));
        case 7 -> rename(fs, model, some, pick(model.all(), random));
        default -> truncate(fs, model, some, random.nextInt(1 << random.nextInt(17)));
      }
    } catch (LimitExceededException e) {
      // Full, or its root is: nothing was changed.
      delete(fs, model, pick(new ArrayList<>(model.files.keySet()), random));
    }
  }

  private static void refused(FileSystemException e, boolean expected) throws IOException {
    if (!expected) {
      throw e;
    }
  }

  private static void write(FileSystem fs, Model model, String path, byte[] content)
      throws IOException {
    try {
      fs.write(path.isEmpty() ? "/" : path, content, ATTRIBUTES);
      model.files.put(path, content);
    } catch (FileSystemException e) {
      refused(e, model.directories.containsKey(path));
    }
  }

  private static void makeDirectory(FileSystem fs, Model model, String path) throws IOException {
    try {
      fs.createDirectory(path, ATTRIBUTES);
      model.directories.put(path, "");
    } catch (FileSystemException e) {
      refused(e, model.has(path));
    }
  }

  private static void delete(FileSystem fs, Model model, String path) throws IOException {
    try {
      fs.delete(path.isEmpty() ? "/" : path);
      model.files.remove(path);
      model.directories.remove(path);
    } catch (FileSystemException e) {
      refused(e, path.isEmpty() || !model.isEmpty(path));
    }
  }

  private static void rename(FileSystem fs, Model model, String from, String to)
      throws IOException {
    try {
      fs.rename(from.isEmpty() ? "/" : from, to.isEmpty() ? "/" : to);
      model.move(from, to);
    } catch (FileSystemException e) {
      boolean kinds =
          model.has(to) && model.directories.containsKey(from) != model.directories.containsKey(to);
      boolean inside = Model.isBelow(to, from);
      refused(e, from.isEmpty() || to.isEmpty() || inside || kinds || !model.isEmpty(to));
    }
  }

  private static void truncate(FileSystem fs, Model model, String path, int length)
      throws IOException {
    try {
      fs.truncate(path.isEmpty() ? "/" : path, length);
      model.files.put(path, Arrays.copyOf(model.files.get(path), length));
    } catch (FileSystemException e) {
      refused(e, !model.files.containsKey(path));
    }
  }

  private static void compare(FileSystem fs, Model model) throws IOException {
    List<String> found = new ArrayList<>();
    collect(fs, "", found);
    List<String> expected = new ArrayList<>(model.all());
    expected.remove("");
    assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
    for (var file : model.files.entrySet()) {
      byte[] content = new byte[file.getValue().length];
      assertThat(fs.find(file.getKey()).orElseThrow().size()).isEqualTo(content.length);
      fs.read(file.getKey(), 0, MemorySegment.ofArray(content));
      assertThat(content).isEqualTo(file.getValue());
    }
  }

  private static void collect(FileSystem fs, String path, List<String> found) throws IOException {
    for (var entry : fs.list(path.isEmpty() ? "/" : path)) {
      String child = path + "/" + entry.name();
      found.add(child);
      if (entry.type() == FileType.DIRECTORY) {
        collect(fs, child, found);
      }
    }
  }
}
