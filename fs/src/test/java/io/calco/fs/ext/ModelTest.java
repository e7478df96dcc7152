package io.calco.fs.ext;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileSystem;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random operations against a model in memory; e2fsck judges the end.
class ModelTest {
  private static final FileAttributes ATTRIBUTES =
      FileAttributes.root(0755, Instant.ofEpochSecond(1_700_000_000));

  @TempDir(factory = InMemory.class)
  Path directory;

  /// What a path should hold: bytes of a file, the target of a link, or the mark of a directory.
  private static final class Model {
    private static final byte[] DIRECTORY = {};

    private final TreeMap<String, byte[]> files = new TreeMap<>();
    private final TreeMap<String, String> links = new TreeMap<>();
    private final TreeMap<String, byte[]> directories = new TreeMap<>();
    private final TreeMap<String, byte[]> attributes = new TreeMap<>();

    Model() {
      directories.put("", DIRECTORY);
    }

    boolean has(String path) {
      return files.containsKey(path) || links.containsKey(path) || directories.containsKey(path);
    }

    boolean isEmpty(String path) {
      return all().stream().noneMatch(other -> other.startsWith(path + "/"));
    }

    List<String> all() {
      List<String> all = new ArrayList<>(files.keySet());
      all.addAll(links.keySet());
      all.addAll(directories.keySet());
      return all;
    }

    void move(String from, String to) {
      remove(to);
      move(files, from, to);
      move(links, from, to);
      move(directories, from, to);
      move(attributes, from, to);
    }

    private static <T> void move(Map<String, T> map, String from, String to) {
      TreeMap<String, T> moved = new TreeMap<>();
      map.entrySet()
          .removeIf(entry -> {
            String path = entry.getKey();
            if (!path.equals(from) && !path.startsWith(from + "/")) {
              return false;
            }
            moved.put(to + path.substring(from.length()), entry.getValue());
            return true;
          });
      map.putAll(moved);
    }

    void remove(String path) {
      files.remove(path);
      links.remove(path);
      directories.remove(path);
      attributes.remove(path);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-t ext4 -b 1024 -N 600",
        "-t ext4 -b 4096 -N 600",
        "-t ext4 -b 1024 -N 600 -O inline_data -I 256",
        "-t ext3 -b 1024 -N 600",
        "-t ext2 -b 2048 -N 600",
        "-t ext4 -b 1024 -g 1024 -N 600"
      })
  void behavesAsItsModel(String options) {
    Seeds.run(
        1,
        random -> {
          ExtImage image = ExtImage.make(directory, 6, options.split(" "));
          Model model = new Model();
          for (int round = 0; round < 4; round++) {
            try (Disk disk = FileDisk.writable(image.path());
                FileSystem fs = new ExtFileSystemType().openWritable(disk)) {
              for (int i = 0; i < 250; i++) {
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
    return paths.get(random.nextInt(paths.size()));
  }

  private static String newPath(Model model, Random random) {
    String name = "n".repeat(1 + random.nextInt(random.nextInt(10) == 0 ? 200 : 20));
    return pick(new ArrayList<>(model.directories.keySet()), random)
        + "/"
        + name
        + random.nextInt(60);
  }

  private static byte[] bytes(Random random) {
    int length = random.nextInt(1 << random.nextInt(18));
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static void step(FileSystem fs, Model model, Random random) throws IOException {
    String some = pick(model.all(), random);
    String fresh = newPath(model, random);
    try {
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> write(fs, model, random.nextInt(3) == 0 ? some : fresh, bytes(random));
        case 3, 4 -> makeDirectory(fs, model, fresh);
        case 5 -> makeLink(fs, model, fresh, "t".repeat(1 + random.nextInt(120)));
        case 6, 7, 8 -> delete(fs, model, some);
        case 9 ->
            rename(fs, model, some, random.nextInt(3) == 0 ? pick(model.all(), random) : fresh);
        case 10 -> truncate(fs, model, some, random.nextInt(1 << random.nextInt(18)));
        default -> setAttribute(fs, model, some, bytes(random), random.nextBoolean());
      }
    } catch (LimitExceededException e) {
      // Full: nothing has changed, which the comparison shows.
    }
    if (random.nextInt(50) == 0) {
      fs.sync();
    }
    if (random.nextInt(100) == 0) {
      fs.trim();
    }
  }

  private static void refused(FileSystemException e, boolean expected) {
    if (!expected) {
      throw new AssertionError("refused for no reason", e);
    }
  }

  private static void write(FileSystem fs, Model model, String path, byte[] content)
      throws IOException {
    try {
      fs.write(path, content, ATTRIBUTES);
      model.files.put(path, content);
    } catch (FileSystemException e) {
      refused(e, model.directories.containsKey(path) || model.links.containsKey(path));
    }
  }

  private static void makeDirectory(FileSystem fs, Model model, String path) throws IOException {
    try {
      fs.createDirectory(path, ATTRIBUTES);
      model.directories.put(path, Model.DIRECTORY);
    } catch (FileSystemException e) {
      refused(e, model.has(path));
    }
  }

  private static void makeLink(FileSystem fs, Model model, String path, String target)
      throws IOException {
    try {
      fs.createLink(path, target, ATTRIBUTES);
      model.links.put(path, target);
    } catch (FileSystemException e) {
      refused(e, model.has(path));
    }
  }

  private static void delete(FileSystem fs, Model model, String path) throws IOException {
    try {
      fs.delete(path.isEmpty() ? "/" : path);
      model.remove(path);
    } catch (FileSystemException e) {
      refused(e, path.isEmpty() || !model.isEmpty(path));
    }
  }

  private static void rename(FileSystem fs, Model model, String from, String to)
      throws IOException {
    try {
      fs.rename(from.isEmpty() ? "/" : from, to.isEmpty() ? "/" : to);
      if (!from.equals(to)) {
        model.move(from, to);
      }
    } catch (FileSystemException e) {
      boolean kinds =
          model.has(to) && model.directories.containsKey(from) != model.directories.containsKey(to);
      refused(
          e,
          from.isEmpty()
              || to.isEmpty()
              || to.startsWith(from + "/")
              || kinds
              || !model.isEmpty(to));
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

  private static void setAttribute(
      FileSystem fs, Model model, String path, byte[] value, boolean keep) throws IOException {
    byte[] cut = Arrays.copyOf(value, Math.min(value.length, 700));
    if (path.isEmpty()) {
      return;
    }
    fs.setExtendedAttribute(path, "user.a", keep ? Optional.of(cut) : Optional.empty());
    if (keep) {
      model.attributes.put(path, cut);
    } else {
      model.attributes.remove(path);
    }
  }

  private static void compare(FileSystem fs, Model model) throws IOException {
    List<String> found = new ArrayList<>();
    collect(fs, "", found);
    found.remove("/lost+found");
    List<String> expected = new ArrayList<>(model.all());
    expected.remove("");
    assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
    for (var file : model.files.entrySet()) {
      byte[] content = new byte[file.getValue().length];
      assertThat(fs.find(file.getKey()).orElseThrow().size()).isEqualTo(content.length);
      fs.read(file.getKey(), 0, MemorySegment.ofArray(content));
      assertThat(content).isEqualTo(file.getValue());
    }
    for (var link : model.links.entrySet()) {
      assertThat(fs.readLink(link.getKey())).isEqualTo(link.getValue());
    }
    for (String path : expected) {
      byte[] value = fs.extendedAttributes(path).get("user.a");
      assertThat(value).as(path).isEqualTo(model.attributes.get(path));
    }
  }

  private static void collect(FileSystem fs, String path, List<String> found) throws IOException {
    for (var entry : fs.list(path.isEmpty() ? "/" : path)) {
      String child = path + "/" + entry.name();
      found.add(child);
      if (entry.type() == io.calco.fs.FileType.DIRECTORY) {
        collect(fs, child, found);
      }
    }
  }
}
