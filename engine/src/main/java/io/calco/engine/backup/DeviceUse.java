package io.calco.engine.backup;

import io.calco.disk.DiskInUseException;
import io.calco.disk.ImageLock;
import io.calco.engine.backup.Mounts.Mount;
import io.calco.sys.FileHolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Who has a block device, its partitions, and what rests on them.
///
/// @param mounts file systems on it
/// @param unexplained devices among them that are taken, but not by a mount that we can see: swap,
///   a RAID, another program, another container
record DeviceUse(List<Mount> mounts, List<String> unexplained) {
  private static final Path CLASS = Path.of("/sys/class/block");

  /// Copies the lists.
  DeviceUse {
    mounts = List.copyOf(mounts);
    unexplained = List.copyOf(unexplained);
  }

  /// Looks.
  static DeviceUse of(HostDevice device) throws IOException {
    Search search = new Search(Mounts.read());
    search.look(device.name());
    return new DeviceUse(search.found, search.unexplained);
  }

  /// True when nobody can write to it, though it may be mounted.
  boolean isQuiet() {
    return unexplained.isEmpty() && mounts.stream().noneMatch(Mount::writable);
  }

  /// Confined.
  private static final class Search {
    private final Mounts table;
    private final List<Mount> found = new ArrayList<>();
    private final List<String> unexplained = new ArrayList<>();

    Search(Mounts table) {
      this.table = table;
    }

    void look(String name) throws IOException {
      Path own = CLASS.resolve(name);
      List<String> above = new ArrayList<>(HostDevice.names(own.resolve("holders")));
      for (String inside : HostDevice.names(own)) {
        if (Files.exists(own.resolve(inside).resolve("partition"))) {
          above.add(inside);
        }
      }
      for (String other : above) {
        look(other);
      }
      Path node = Path.of("/dev", name);
      if (!Files.exists(node)) {
        unexplained.add(name);
        return;
      }
      String number = Files.readString(own.resolve("dev"), StandardCharsets.US_ASCII).strip();
      int before = found.size();
      for (Mount mount : table.all()) {
        if (mount.isOf(number, name)) {
          found.add(mount);
        }
      }
      if (found.size() == before && above.isEmpty() && isTaken(node) || isWritten(node)) {
        unexplained.add(name);
      }
    }

    private static boolean isTaken(Path node) throws IOException {
      try {
        ImageLock.requireUnused(node);
        return false;
      } catch (DiskInUseException taken) {
        return true;
      }
    }

    private static boolean isWritten(Path node) throws IOException {
      return FileHolder.of(node).stream().anyMatch(FileHolder::writing);
    }
  }
}
