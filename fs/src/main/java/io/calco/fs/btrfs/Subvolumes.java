package io.calco.fs.btrfs;

import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.GuestNames;
import io.calco.fs.SubvolumeFileSystem.Subvolume;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The paths of subvolumes: from the references to their parents, and the names of directories on
/// the way to those.
final class Subvolumes {
  private static final int MAX_LISTED = 1 << 20; // ours
  private static final int MAX_STEPS = 2048; // names in a path, as the kernel's PATH_MAX has them
  private static final int REFERENCE = 10;

  private final Volume volume;
  private final Map<Long, Optional<String>> paths = new HashMap<>();

  Subvolumes(Volume volume) {
    this.volume = volume;
  }

  /// All that a path leads to, by number.
  List<Subvolume> all() throws IOException {
    List<Subvolume> all = new ArrayList<>();
    add(Keys.TOP_LEVEL, all);
    Cursor item = volume.rootTree.from(Keys.FIRST_FREE, Keys.ROOT_ITEM, 0);
    for (; item.valid() && Keys.isSubvolume(item.objectid()); item.next()) {
      if (item.type() == Keys.ROOT_ITEM) {
        add(item.objectid(), all);
      }
    }
    return all;
  }

  private void add(long id, List<Subvolume> all) throws IOException {
    Optional<RootItem> root = volume.findRoot(id).filter(RootItem::alive);
    Optional<String> path = root.isEmpty() ? Optional.empty() : path(id, 0);
    if (path.isPresent()) {
      if (all.size() >= MAX_LISTED) {
        throw new LimitExceededException(
            "btrfs file system: more than %d subvolumes (our limit)".formatted(MAX_LISTED));
      }
      String shown = path.get().isEmpty() ? "/" : path.get();
      all.add(new Subvolume(id, shown, root.get().readOnly()));
    }
  }

  /// The path from the top level, empty for that itself; nothing when none leads there.
  private Optional<String> path(long id, int steps) throws IOException {
    if (id == Keys.TOP_LEVEL) {
      return Optional.of("");
    }
    Optional<String> path = paths.get(id);
    if (path == null) {
      path = steps > MAX_STEPS ? Optional.empty() : find(id, steps);
      paths.put(id, path);
    }
    return path;
  }

  private Optional<String> find(long id, int steps) throws IOException {
    Cursor item = volume.rootTree.from(id, Keys.ROOT_BACKREF, 0);
    if (!item.is(id, Keys.ROOT_BACKREF)) {
      return Optional.empty();
    }
    long parent = item.offset();
    RootReference reference = RootReference.of(item);
    Optional<SubvolumeTree> above = volume.findSubvolume(parent);
    if (above.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> way = path(parent, steps + 1);
    Optional<String> directory = directory(above.get(), reference.directory());
    return way.isEmpty() || directory.isEmpty()
        ? Optional.empty()
        : Optional.of(way.get() + directory.get() + "/" + reference.name());
  }

  /// The path of a directory within its subvolume, empty for its root.
  private static Optional<String> directory(SubvolumeTree subvolume, long number)
      throws IOException {
    StringBuilder path = new StringBuilder();
    long at = number;
    for (int steps = 0; at != subvolume.directory(); steps++) {
      Cursor item = subvolume.tree().from(at, Keys.INODE_REF, 0);
      if (steps > MAX_STEPS || !item.is(at, Keys.INODE_REF)) {
        return Optional.empty();
      }
      int length = LittleEndian.u16(item.bytes(), item.at(REFERENCE) + 8);
      int name = item.at(REFERENCE + length) + REFERENCE;
      path.insert(0, GuestNames.decode(Arrays.copyOfRange(item.bytes(), name, name + length)));
      path.insert(0, '/');
      at = item.offset();
    }
    return Optional.of(path.toString());
  }
}
