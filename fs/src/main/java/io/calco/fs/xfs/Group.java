package io.calco.fs.xfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.BigEndian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// An allocation group as its writer holds it: free runs, chunks of inodes, and shared runs in
/// memory, read once; [GroupStore] writes its b-trees anew.
///
/// What is freed is not used again before the next commit: a crash must find it as it was.
final class Group {
  /// Inodes in a chunk.
  static final int CHUNK = 64;

  private static final long STAGING = 1L << 31; // a run set aside for copy on write

  /// A chunk of inodes.
  ///
  /// @param start its first inode in the group
  /// @param holes groups of four inodes that are not there, a bit each
  /// @param free inodes not in use, a bit each; those that are not there too
  record Chunk(long start, int holes, long free) {

    /// Bits of the inodes that are there.
    private long present() {
      long present = -1;
      for (int i = 0; i < 16; i++) {
        if ((holes & 1 << i) != 0) {
          present &= ~(0xFL << i * 4);
        }
      }
      return present;
    }

    long usable() {
      return free & present();
    }

    int count() {
      return Long.bitCount(present());
    }
  }

  /// A shared run.
  ///
  /// @param count its blocks
  /// @param owners how many share it
  record Shared(long count, long owners) {}

  final int number;
  final TreeMap<Long, Long> free = new TreeMap<>();
  final TreeMap<Long, Chunk> chunks = new TreeMap<>();
  final TreeMap<Long, Shared> shared = new TreeMap<>();
  final Map<GroupTree, List<Long>> trees = new EnumMap<>(GroupTree.class);
  boolean spaceChanged;
  boolean inodesChanged;
  boolean sharedChanged;
  private final List<Run> freed = new ArrayList<>();
  private final Undo undo;
  private long freeBlocks;

  /// A run of blocks of the group.
  record Run(long start, long count) {}

  private Group(int number, Undo undo) {
    this.number = number;
    this.undo = undo;
  }

  /// Reads a group.
  static Group load(Volume volume, int number, Undo undo) throws IOException {
    Group group = new Group(number, undo);
    byte[] agf = GroupHeader.agf(volume, number);
    byte[] agi = GroupHeader.agi(volume, number);
    group.loadSpace(volume, agf);
    group.loadInodes(volume, agi);
    Features features = volume.geometry.features;
    if (features.hasRo(Features.RO_FINOBT)) {
      long root = BigEndian.u32(agi, GroupHeader.AGI_FREE_ROOT);
      long levels = BigEndian.u32(agi, GroupHeader.AGI_FREE_LEVEL);
      group.trees.put(
          GroupTree.FREE_INODES,
          GroupTree.FREE_INODES.read(volume, number, root, levels, (block, at) -> {}));
    }
    if (features.hasRo(Features.RO_REFLINK)) {
      group.loadShared(volume, agf);
    }
    return group;
  }

  private void loadSpace(Volume volume, byte[] agf) throws IOException {
    trees.put(
        GroupTree.FREE_BY_PLACE,
        SpaceMap.tree(
            volume,
            number,
            agf,
            (start, count) -> {
              var before = free.floorEntry(start);
              if (start == 0 || before != null && before.getKey() + before.getValue() >= start) {
                throw GroupTree.FREE_BY_PLACE.corrupt(
                    number, "free runs that touch", "separate ones");
              }
              free.put(start, count);
              freeBlocks += count;
            }));
    long root = BigEndian.u32(agf, GroupHeader.AGF_CNT_ROOT);
    long levels = BigEndian.u32(agf, GroupHeader.AGF_CNT_LEVEL);
    trees.put(
        GroupTree.FREE_BY_SIZE,
        GroupTree.FREE_BY_SIZE.read(volume, number, root, levels, (block, at) -> {}));
    if (BigEndian.u32(agf, GroupHeader.AGF_FREE_BLOCKS) != freeBlocks) {
      throw GroupTree.FREE_BY_PLACE.corrupt(number, freeBlocks + " free blocks", "the header's");
    }
  }

  private void loadInodes(Volume volume, byte[] agi) throws IOException {
    boolean sparse = volume.geometry.features.hasIncompat(Features.IN_SPINODES);
    long root = BigEndian.u32(agi, GroupHeader.AGI_ROOT);
    long levels = BigEndian.u32(agi, GroupHeader.AGI_LEVEL);
    long[] next = {0};
    trees.put(
        GroupTree.INODES,
        GroupTree.INODES.read(
            volume,
            number,
            root,
            levels,
            (block, at) -> {
              long start = BigEndian.u32(block, at);
              int holes = sparse ? BigEndian.u16(block, at + 4) : 0;
              long last = volume.geometry.inodeNumber(number, start + CHUNK - 1);
              if (start < next[0] || holes == 0 && !volume.geometry.holdsInode(last)) {
                throw GroupTree.INODES.corrupt(
                    number, "a chunk at " + start, "one behind the last");
              }
              next[0] = start + CHUNK;
              chunks.put(start, new Chunk(start, holes, BigEndian.s64(block, at + 8)));
            }));
  }

  private void loadShared(Volume volume, byte[] agf) throws IOException {
    long root = BigEndian.u32(agf, GroupHeader.AGF_SHARED_ROOT);
    long levels = BigEndian.u32(agf, GroupHeader.AGF_SHARED_LEVEL);
    long[] next = {0};
    trees.put(
        GroupTree.SHARED,
        GroupTree.SHARED.read(
            volume,
            number,
            root,
            levels,
            (block, at) -> {
              long start = BigEndian.u32(block, at);
              long count = BigEndian.u32(block, at + 4);
              long in = start & ~STAGING;
              boolean fits = count > 0 && in <= volume.geometry.groupLength(number) - count;
              if (start < next[0] || !fits) {
                throw GroupTree.SHARED.corrupt(number, "a run at " + start, "one behind the last");
              }
              next[0] = start + count;
              shared.put(start, new Shared(count, BigEndian.u32(block, at + 8)));
            }));
  }

  /// Free blocks that can be had now.
  long freeBlocks() {
    return freeBlocks;
  }

  /// True when its trees are to be written anew.
  boolean isChanged() {
    return inodesChanged || spaceChanged || sharedChanged;
  }

  /// True when blocks were freed since the last commit.
  boolean hasFreed() {
    return !freed.isEmpty();
  }

  /// Takes a run of at most `most` blocks, whole where there is one, else the longest.
  ///
  /// @param align of its first block
  /// @param whole none or all
  Optional<Run> take(long most, long align, Whole whole) {
    Run best = new Run(0, 0);
    for (var run : free.entrySet()) {
      long start = (run.getKey() + align - 1) / align * align;
      long count = run.getKey() + run.getValue() - start;
      if (count >= most) {
        best = new Run(start, most);
        break;
      }
      if (count > best.count()) {
        best = new Run(start, count);
      }
    }
    if (best.count() <= 0 || whole == Whole.ALL_OR_NONE && best.count() < most) {
      return Optional.empty();
    }
    cut(best);
    return Optional.of(best);
  }

  /// Whether a part of what is asked for will do.
  enum Whole {
    ALL_OR_NONE,
    PART_WILL_DO
  }

  /// Takes the group's last blocks, which are free.
  ///
  /// @param count at most those of the last free run, which ends with the group
  void takeLast(long count) {
    Map.Entry<Long, Long> last = free.lastEntry();
    cut(new Run(last.getKey() + last.getValue() - count, count));
  }

  private void cut(Run run) {
    var around = free.floorEntry(run.start());
    long start = around.getKey();
    long end = start + around.getValue();
    free.remove(start);
    if (run.start() > start) {
      free.put(start, run.start() - start);
    }
    if (run.start() + run.count() < end) {
      free.put(run.start() + run.count(), end - run.start() - run.count());
    }
    freeBlocks -= run.count();
    spaceChanged = true;
    undo.add(() -> insert(run));
  }

  private void insert(Run run) {
    join(free, run);
    freeBlocks += run.count();
  }

  /// Adds a run to others, as one with those that it touches.
  static void join(NavigableMap<Long, Long> runs, Run run) {
    long start = run.start();
    long count = run.count();
    var before = runs.floorEntry(start);
    if (before != null && before.getKey() + before.getValue() == start) {
      start = before.getKey();
      count += before.getValue();
    }
    Long after = runs.remove(run.start() + run.count());
    runs.put(start, count + (after == null ? 0 : after));
  }

  /// Gives blocks back that nothing shares.
  void release(Run run) throws CorruptImageException {
    var before = free.floorEntry(run.start() + run.count() - 1);
    if (run.start() == 0 || before != null && before.getKey() + before.getValue() > run.start()) {
      throw GroupTree.FREE_BY_PLACE.corrupt(number, "blocks free already: " + run, "used ones");
    }
    freed.add(run);
    spaceChanged = true;
    undo.add(freed::removeLast);
  }

  /// Free runs as the disk shall have them: those freed since the last commit too.
  NavigableMap<Long, Long> freeAfterCommit() throws CorruptImageException {
    TreeMap<Long, Long> all = new TreeMap<>(free);
    for (Run run : freed) {
      var before = all.floorEntry(run.start() + run.count() - 1);
      if (before != null && before.getKey() + before.getValue() > run.start()) {
        throw GroupTree.FREE_BY_PLACE.corrupt(number, "blocks of two owners: " + run, "of one");
      }
      join(all, run);
    }
    return all;
  }

  /// What was freed can be used again.
  void committed() {
    freed.forEach(this::insert);
    freed.clear();
    spaceChanged = false;
    inodesChanged = false;
    sharedChanged = false;
  }

  void put(Chunk chunk) {
    Chunk old = chunks.put(chunk.start(), chunk);
    inodesChanged = true;
    undo.add(() -> {
      if (old == null) {
        chunks.remove(chunk.start());
      } else {
        chunks.put(old.start(), old);
      }
    });
  }

  /// Gives up one owner's share in a run: blocks that others share stay, the rest is freed.
  void unshare(Run run) throws CorruptImageException {
    long at = run.start();
    long end = at + run.count();
    while (at < end) {
      split(at);
      split(end);
      Shared here = shared.get(at);
      if (here != null) {
        long start = at;
        if (here.owners() <= 2) {
          shared.remove(at);
        } else {
          shared.put(at, new Shared(here.count(), here.owners() - 1));
        }
        sharedChanged = true;
        undo.add(() -> shared.put(start, here));
        at += here.count();
      } else {
        Long next = shared.higherKey(at);
        long until = next == null ? end : Math.min(end, next);
        release(new Run(at, until - at));
        at = until;
      }
    }
  }

  /// Cuts the shared run around `at` in two there.
  private void split(long at) {
    var around = shared.lowerEntry(at);
    if (around == null || around.getKey() + around.getValue().count() <= at) {
      return;
    }
    Shared old = around.getValue();
    long first = at - around.getKey();
    shared.put(around.getKey(), new Shared(first, old.owners()));
    shared.put(at, new Shared(old.count() - first, old.owners()));
    sharedChanged = true;
  }

  /// Makes one of neighbours that as many share.
  void mergeShared() {
    TreeMap<Long, Shared> merged = new TreeMap<>();
    shared.forEach((start, run) -> {
      var before = merged.lastEntry();
      boolean touches =
          before != null
              && before.getKey() + before.getValue().count() == start
              && before.getValue().owners() == run.owners();
      if (touches) {
        merged.put(
            before.getKey(), new Shared(before.getValue().count() + run.count(), run.owners()));
      } else {
        merged.put(start, run);
      }
    });
    shared.clear();
    shared.putAll(merged);
  }
}
