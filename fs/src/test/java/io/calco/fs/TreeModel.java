package io.calco.fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;

/// What random operations should have made of a file system's tree, kept in memory: bytes of files,
/// targets of links, directories, and an attribute of each.
public final class TreeModel {
  private static final FileAttributes ATTRIBUTES =
      FileAttributes.root(0755, Instant.ofEpochSecond(1_700_000_000));

  private static final byte[] DIRECTORY = {};

  private final TreeMap<String, byte[]> files = new TreeMap<>();
  private final TreeMap<String, String> links = new TreeMap<>();
  private final TreeMap<String, byte[]> directories = new TreeMap<>();
  private final TreeMap<String, byte[]> attributes = new TreeMap<>();

  private final int longestTarget;
  private final IntUnaryOperator longestValue;

  /// A tree that is empty.
  ///
  /// @param longestTarget of links, in characters
  /// @param longestValue of the attribute, in bytes, by the length that chance has given it
  public TreeModel(int longestTarget, IntUnaryOperator longestValue) {
    this.longestTarget = longestTarget;
    this.longestValue = longestValue;
    directories.put("", DIRECTORY);
  }

  private boolean has(String path) {
    return files.containsKey(path) || links.containsKey(path) || directories.containsKey(path);
  }

  private boolean isEmpty(String path) {
    return all().stream().noneMatch(other -> other.startsWith(path + "/"));
  }

  private List<String> all() {
    List<String> all = new ArrayList<>(files.keySet());
    all.addAll(links.keySet());
    all.addAll(directories.keySet());
    return all;
  }

  private void move(String from, String to) {
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

  private void remove(String path) {
    files.remove(path);
    links.remove(path);
    directories.remove(path);
    attributes.remove(path);
  }

  private static String pick(List<String> paths, Random random) {
    return paths.get(random.nextInt(paths.size()));
  }

  private String newPath(Random random) {
    String name = "n".repeat(1 + random.nextInt(random.nextInt(10) == 0 ? 200 : 20));
    return pick(new ArrayList<>(directories.keySet()), random) + "/" + name + random.nextInt(60);
  }

  private static byte[] bytes(Random random) {
    int length = random.nextInt(1 << random.nextInt(18));
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /// Does one thing to the file system, and to the model where it was not refused.
  ///
  /// @throws AssertionError when it was refused for no reason
  public void step(FileSystem fs, Random random) throws IOException {
    String some = pick(all(), random);
    String fresh = newPath(random);
    try {
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> write(fs, random.nextInt(3) == 0 ? some : fresh, bytes(random));
        case 3, 4 -> makeDirectory(fs, fresh);
        case 5 -> makeLink(fs, fresh, "t".repeat(1 + random.nextInt(longestTarget)));
        case 6, 7, 8 -> delete(fs, some);
        case 9 -> rename(fs, some, random.nextInt(3) == 0 ? pick(all(), random) : fresh);
        case 10 -> truncate(fs, some, random.nextInt(1 << random.nextInt(18)));
        default -> setAttribute(fs, some, bytes(random), random.nextBoolean());
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

  private void write(FileSystem fs, String path, byte[] content) throws IOException {
    try {
      fs.write(path, content, ATTRIBUTES);
      files.put(path, content);
    } catch (FileSystemException e) {
      refused(e, directories.containsKey(path) || links.containsKey(path));
    }
  }

  private void makeDirectory(FileSystem fs, String path) throws IOException {
    try {
      fs.createDirectory(path, ATTRIBUTES);
      directories.put(path, DIRECTORY);
    } catch (FileSystemException e) {
      refused(e, has(path));
    }
  }

  private void makeLink(FileSystem fs, String path, String target) throws IOException {
    try {
      fs.createLink(path, target, ATTRIBUTES);
      links.put(path, target);
    } catch (FileSystemException e) {
      refused(e, has(path));
    }
  }

  private void delete(FileSystem fs, String path) throws IOException {
    try {
      fs.delete(path.isEmpty() ? "/" : path);
      remove(path);
    } catch (FileSystemException e) {
      refused(e, path.isEmpty() || !isEmpty(path));
    }
  }

  private void rename(FileSystem fs, String from, String to) throws IOException {
    try {
      fs.rename(from.isEmpty() ? "/" : from, to.isEmpty() ? "/" : to);
      if (!from.equals(to)) {
        move(from, to);
      }
    } catch (FileSystemException e) {
      boolean kinds = has(to) && directories.containsKey(from) != directories.containsKey(to);
      refused(
          e, from.isEmpty() || to.isEmpty() || to.startsWith(from + "/") || kinds || !isEmpty(to));
    }
  }

  private void truncate(FileSystem fs, String path, int length) throws IOException {
    try {
      fs.truncate(path.isEmpty() ? "/" : path, length);
      files.put(path, Arrays.copyOf(files.get(path), length));
    } catch (FileSystemException e) {
      refused(e, !files.containsKey(path));
    }
  }

  private void setAttribute(FileSystem fs, String path, byte[] value, boolean keep)
      throws IOException {
    byte[] cut =
        Arrays.copyOf(value, Math.min(value.length, longestValue.applyAsInt(value.length)));
    if (path.isEmpty()) {
      return;
    }
    fs.setExtendedAttribute(path, "user.a", keep ? Optional.of(cut) : Optional.empty());
    if (keep) {
      attributes.put(path, cut);
    } else {
      attributes.remove(path);
    }
  }

  /// Compares all of the tree.
  ///
  /// @param besides paths that were there before the model
  public void compare(FileSystem fs, String... besides) throws IOException {
    List<String> found = new ArrayList<>();
    collect(fs, "", found);
    found.removeAll(List.of(besides));
    List<String> expected = new ArrayList<>(all());
    expected.remove("");
    assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
    for (var file : files.entrySet()) {
      byte[] content = new byte[file.getValue().length];
      assertThat(fs.find(file.getKey()).orElseThrow().size()).isEqualTo(content.length);
      fs.read(file.getKey(), 0, MemorySegment.ofArray(content));
      assertThat(content).isEqualTo(file.getValue());
    }
    for (var link : links.entrySet()) {
      assertThat(fs.readLink(link.getKey())).isEqualTo(link.getValue());
    }
    for (String path : expected) {
      byte[] value = fs.extendedAttributes(path).get("user.a");
      assertThat(value).as(path).isEqualTo(attributes.get(path));
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
