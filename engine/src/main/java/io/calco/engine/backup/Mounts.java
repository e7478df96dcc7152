package io.calco.engine.backup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What this host has mounted, as `/proc/self/mountinfo` tells it (proc_pid_mountinfo(5)).
///
/// @param all in the order in which they were mounted
record Mounts(List<Mount> all) {
  private static final Path TABLE = Path.of("/proc/self/mountinfo");

  /// Fields before the optional ones, and behind the hyphen.
  private static final int DEVICE = 2;

  private static final int POINT = 4;
  private static final int FIRST = 6;

  /// Copies the list.
  Mounts {
    all = List.copyOf(all);
  }

  /// A file system in its place.
  ///
  /// @param device `major:minor`; of btrfs one that no block device has
  /// @param point where it is mounted
  /// @param type `ext4`
  /// @param source the device, as it was named
  /// @param writable somebody can write to it: the file system itself is not read-only
  record Mount(String device, Path point, String type, String source, boolean writable) {
    /// True when it is of a block device.
    ///
    /// @param number `major:minor`
    /// @param name the kernel's
    boolean isOf(String number, String name) throws IOException {
      if (device.equals(number)) {
        return true;
      }
      Path own = Path.of(source);
      return own.startsWith("/dev")
          && Files.exists(own)
          && own.toRealPath().equals(Path.of("/dev", name));
    }
  }

  /// All of them; none where there is no such table.
  static Mounts read() throws IOException {
    return Files.exists(TABLE)
        ? parse(new String(Files.readAllBytes(TABLE), StandardCharsets.UTF_8))
        : new Mounts(List.of());
  }

  static Mounts parse(String table) {
    List<Mount> mounts = new ArrayList<>();
    for (String line : table.split("\n")) {
      List<String> words = List.of(line.split(" "));
      int hyphen = words.subList(Math.min(FIRST, words.size()), words.size()).indexOf("-") + FIRST;
      if (hyphen >= FIRST && words.size() > hyphen + 3) {
        String options = "," + words.get(hyphen + 3) + ",";
        mounts.add(
            new Mount(
                words.get(DEVICE),
                Path.of(plain(words.get(POINT))),
                words.get(hyphen + 1),
                plain(words.get(hyphen + 2)),
                !options.contains(",ro,")));
      }
    }
    return new Mounts(mounts);
  }

  /// Without the escapes of spaces, tabs, line ends and backslashes.
  private static String plain(String text) {
    return text.replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }

  /// What a file lies in.
  ///
  /// @param file is there, or its directory is
  Optional<Mount> holding(Path file) throws IOException {
    Path at = file.toAbsolutePath().normalize();
    while (!Files.exists(at)) {
      at = at.resolveSibling("").equals(at) ? Path.of("/") : parent(at);
    }
    Path real = at.toRealPath();
    return all.stream()
        .filter(mount -> real.startsWith(mount.point))
        .reduce(
            (one, other) -> other.point.getNameCount() >= one.point.getNameCount() ? other : one);
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    return parent == null ? Path.of("/") : parent;
  }
}
