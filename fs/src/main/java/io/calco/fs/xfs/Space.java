package io.calco.fs.xfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Gives blocks out and takes them back.
final class Space {
  private final Volume volume;
  private final Undo undo;
  private final TreeMap<Integer, Group> groups = new TreeMap<>();

  Space(Volume volume, Undo undo) {
    this.volume = volume;
    this.undo = undo;
  }

  /// The group, read when it is first asked for.
  Group group(int number) throws IOException {
    Group group = groups.get(number);
    if (group == null) {
      group = Group.load(volume, number, undo);
      groups.put(number, group);
    }
    return group;
  }

  /// The groups read so far.
  Iterable<Group> loaded() {
    return groups.values();
  }

  /// True when a group's trees are to be written anew.
  boolean isChanged() {
    return groups.values().stream().anyMatch(Group::isChanged);
  }

  /// True when a commit would make blocks free.
  boolean hasFreed() {
    return groups.values().stream().anyMatch(Group::hasFreed);
  }

  /// Takes blocks, in few runs, first from the group `near`.
  ///
  /// @param count in blocks, at least 1
  /// @return fsblock runs as extents from offset 0 on
  List<Extent> take(int near, long count) throws IOException {
    List<Extent> runs = new ArrayList<>();
    long done = 0;
    for (int i = 0; i < volume.geometry.groups && done < count; i++) {
      Group group = group((near + i) % volume.geometry.groups);
      while (done < count) {
        long most = group.freeBlocks() - GroupStore.reserve(volume.geometry, group);
        most = Math.min(Math.min(count - done, Extent.MAX_COUNT), most);
        Optional<Group.Run> run =
            most < 1 ? Optional.empty() : group.take(most, 1, Group.Whole.PART_WILL_DO);
        if (run.isEmpty()) {
          break;
        }
        long start = volume.geometry.fsblock(group.number, run.get().start());
        runs.add(new Extent(done, start, run.get().count(), false));
        done += run.get().count();
      }
    }
    if (done < count) {
      throw full(count);
    }
    return runs;
  }

  /// Takes one run of blocks.
  ///
  /// @param align of the first block in its group
  /// @return its first fsblock
  long takeRun(int near, long count, long align) throws IOException {
    for (int i = 0; i < volume.geometry.groups; i++) {
      Group group = group((near + i) % volume.geometry.groups);
      if (group.freeBlocks() - GroupStore.reserve(volume.geometry, group) >= count) {
        Optional<Group.Run> run = group.take(count, align, Group.Whole.ALL_OR_NONE);
        if (run.isPresent()) {
          return volume.geometry.fsblock(group.number, run.get().start());
        }
      }
    }
    throw full(count);
  }

  private NoSpaceException full(long count) {
    return new NoSpaceException(
        "xfs file system: no room for "
            + count
            + " more blocks of "
            + volume.geometry.blockSize()
            + " bytes");
  }

  /// Nothing free is left; what was freed may be, once it is committed.
  static final class NoSpaceException extends IOException {
    private static final long serialVersionUID = 1L;

    NoSpaceException(String message) {
      super(message);
    }

    /// The same for the caller: nothing will be free.
    LimitExceededException asLimit() {
      return new LimitExceededException(String.valueOf(getMessage()));
    }
  }

  /// Gives blocks back that nothing shares.
  void release(long fsblock, long count) throws IOException {
    release(fsblock, count, false);
  }

  /// Gives back a file's blocks, which other files may share.
  void releaseShared(long fsblock, long count) throws IOException {
    release(fsblock, count, volume.geometry.features.hasRo(Features.RO_REFLINK));
  }

  private void release(long fsblock, long count, boolean mayBeShared) throws IOException {
    if (!volume.geometry.holds(fsblock, count)) {
      throw new CorruptImageException("xfs file system: blocks at " + fsblock + " beyond it");
    }
    Group group = group(volume.geometry.group(fsblock));
    Group.Run run = new Group.Run(volume.geometry.inGroup(fsblock), count);
    if (mayBeShared) {
      group.unshare(run);
    } else {
      group.release(run);
    }
    volume.blocks.drop(volume.geometry.linear(fsblock), count);
  }
}
