package io.calco.fs.xfs;

import io.calco.disk.bytes.BigEndian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;

/// Writes a group's b-trees and headers anew from what [Group] holds, in memory: a commit brings
/// them to the disk.
final class GroupStore {
  /// Blocks of a group that are left alone, besides those its b-trees may need, ours.
  private static final long SPARE = 16;

  private final Volume volume;
  private final Geometry geometry;
  private final Group group;

  GroupStore(Volume volume, Group group) {
    this.volume = volume;
    this.geometry = volume.geometry;
    this.group = group;
  }

  /// How the counts of the superblock change.
  ///
  /// @param inodes inodes there are
  /// @param freeInodes those not in use
  /// @param freeBlocks blocks not in use
  record Change(long inodes, long freeInodes, long freeBlocks) {}

  /// Blocks that must stay free so that the b-trees can be written.
  static long reserve(Geometry geometry, Group group) {
    long need = SPARE;
    need += 2 * GroupTreeStore.blocks(geometry, GroupTree.FREE_BY_PLACE, group.free.size() + 64);
    need += 2 * GroupTreeStore.blocks(geometry, GroupTree.INODES, group.chunks.size() + 64);
    need += GroupTreeStore.blocks(geometry, GroupTree.SHARED, group.shared.size() + 64);
    long owned = group.trees.values().stream().mapToLong(List::size).sum();
    return Math.max(SPARE, need - owned);
  }

  /// Writes what has changed.
  Change store() throws IOException {
    byte[] agf = GroupHeader.agf(volume, group.number);
    byte[] agi = GroupHeader.agi(volume, group.number);
    long freeBefore = free(agf);
    long inodesBefore = BigEndian.u32(agi, GroupHeader.AGI_COUNT);
    long freeInodesBefore = BigEndian.u32(agi, GroupHeader.AGI_FREE_COUNT);
    if (group.inodesChanged) {
      storeInodes(agi);
    }
    if (group.sharedChanged) {
      storeShared(agf);
    }
    if (group.spaceChanged) {
      storeSpace(agf);
    }
    Metadata.AGI.seal(agi, 0, agi.length);
    Metadata.AGF.seal(agf, 0, agf.length);
    volume.putGroupHeader(group.number, 2, agi);
    volume.putGroupHeader(group.number, 1, agf);
    return new Change(
        BigEndian.u32(agi, GroupHeader.AGI_COUNT) - inodesBefore,
        BigEndian.u32(agi, GroupHeader.AGI_FREE_COUNT) - freeInodesBefore,
        free(agf) - freeBefore);
  }

  private static long free(byte[] agf) {
    return BigEndian.u32(agf, GroupHeader.AGF_FREE_BLOCKS)
        + BigEndian.u32(agf, GroupHeader.AGF_TREE_BLOCKS);
  }

  private void storeInodes(byte[] agi) throws IOException {
    boolean sparse = geometry.features.hasIncompat(Features.IN_SPINODES);
    List<byte[]> all = new ArrayList<>();
    List<byte[]> withFree = new ArrayList<>();
    long count = 0;
    long free = 0;
    for (Group.Chunk chunk : group.chunks.values()) {
      byte[] record = new byte[16];
      int usable = Long.bitCount(chunk.usable());
      BigEndian.put32(record, 0, chunk.start());
      if (sparse) {
        BigEndian.put16(record, 4, chunk.holes());
        BigEndian.put8(record, 6, chunk.count());
        BigEndian.put8(record, 7, usable);
      } else {
        BigEndian.put32(record, 4, usable);
      }
      BigEndian.put64(record, 8, chunk.free());
      all.add(record);
      if (usable > 0) {
        withFree.add(record);
      }
      count += chunk.count();
      free += usable;
    }
    GroupTreeStore.Root root = tree(GroupTree.INODES, all);
    BigEndian.put32(agi, GroupHeader.AGI_ROOT, root.block());
    BigEndian.put32(agi, GroupHeader.AGI_LEVEL, root.levels());
    BigEndian.put32(agi, GroupHeader.AGI_COUNT, count);
    BigEndian.put32(agi, GroupHeader.AGI_FREE_COUNT, free);
    if (geometry.features.hasRo(Features.RO_FINOBT)) {
      GroupTreeStore.Root freeRoot = tree(GroupTree.FREE_INODES, withFree);
      BigEndian.put32(agi, GroupHeader.AGI_FREE_ROOT, freeRoot.block());
      BigEndian.put32(agi, GroupHeader.AGI_FREE_LEVEL, freeRoot.levels());
    }
    if (geometry.features.hasRo(Features.RO_INOBTCNT)) {
      BigEndian.put32(agi, GroupHeader.AGI_TREE_BLOCKS, owned(GroupTree.INODES).size());
      BigEndian.put32(agi, GroupHeader.AGI_FREE_TREE_BLOCKS, owned(GroupTree.FREE_INODES).size());
    }
  }

  private void storeShared(byte[] agf) throws IOException {
    group.mergeShared();
    List<byte[]> records = new ArrayList<>();
    group.shared.forEach((start, run) -> {
      byte[] record = new byte[12];
      BigEndian.put32(record, 0, start);
      BigEndian.put32(record, 4, run.count());
      BigEndian.put32(record, 8, run.owners());
      records.add(record);
    });
    GroupTreeStore.Root root = tree(GroupTree.SHARED, records);
    BigEndian.put32(agf, GroupHeader.AGF_SHARED_ROOT, root.block());
    BigEndian.put32(agf, GroupHeader.AGF_SHARED_LEVEL, root.levels());
    BigEndian.put32(agf, GroupHeader.AGF_SHARED_BLOCKS, owned(GroupTree.SHARED).size());
  }

  private List<Long> owned(GroupTree tree) {
    return group.trees.computeIfAbsent(tree, key -> new ArrayList<>());
  }

  /// Writes one tree, with as many blocks as it needs.
  private GroupTreeStore.Root tree(GroupTree tree, List<byte[]> records) throws IOException {
    List<Long> owned = new ArrayList<>(owned(tree));
    long need = GroupTreeStore.blocks(geometry, tree, records.size());
    while (owned.size() < need) {
      owned.add(takeBlock());
    }
    while (owned.size() > need) {
      giveBlock(owned.removeLast());
    }
    group.trees.put(tree, owned);
    return new GroupTreeStore(volume, group.number, tree).store(records, owned);
  }

  private long takeBlock() throws IOException {
    return group
        .take(1, 1, Group.Whole.ALL_OR_NONE)
        .orElseThrow(
            () -> new Space.NoSpaceException("xfs file system: no room for a b-tree's block"))
        .start();
  }

  private void giveBlock(long block) throws IOException {
    group.release(new Group.Run(block, 1));
    volume.blocks.drop(geometry.linear(group.number, block), 1);
  }

  /// Writes the two trees of free space. Their own blocks come from it and go back to it, which
  /// changes what they hold: repeated until both fit.
  private void storeSpace(byte[] agf) throws IOException {
    List<Long> owned = new ArrayList<>(owned(GroupTree.FREE_BY_PLACE));
    owned.addAll(owned(GroupTree.FREE_BY_SIZE));
    NavigableMap<Long, Long> runs = group.freeAfterCommit();
    for (int rounds = 0; ; rounds++) {
      long each = GroupTreeStore.blocks(geometry, GroupTree.FREE_BY_PLACE, runs.size());
      long more = GroupTreeStore.blocksOfMore(geometry, GroupTree.FREE_BY_PLACE, runs.size());
      if (owned.size() == 2 * each || rounds > 8 && owned.size() == 2 * more) {
        break;
      }
      if (owned.size() < 2 * each) {
        owned.add(takeBlock());
      } else {
        giveBlock(owned.removeLast());
      }
      if (rounds > 1000) {
        throw new IllegalStateException("the b-trees of free space do not settle");
      }
      runs = group.freeAfterCommit();
    }
    int half = owned.size() / 2;
    group.trees.put(GroupTree.FREE_BY_PLACE, new ArrayList<>(owned.subList(0, half)));
    group.trees.put(GroupTree.FREE_BY_SIZE, new ArrayList<>(owned.subList(half, owned.size())));
    storeSpace(agf, runs, 2L * half - 2);
  }

  private void storeSpace(byte[] agf, NavigableMap<Long, Long> runs, long treeBlocks)
      throws IOException {
    List<Map.Entry<Long, Long>> bySize = new ArrayList<>(runs.entrySet());
    List<byte[]> byPlace = bySize.stream().map(GroupStore::record).toList();
    bySize.sort(
        Comparator.comparingLong((Map.Entry<Long, Long> run) -> run.getValue())
            .thenComparing(Map.Entry::getKey));
    GroupTreeStore.Root place =
        new GroupTreeStore(volume, group.number, GroupTree.FREE_BY_PLACE)
            .store(byPlace, owned(GroupTree.FREE_BY_PLACE));
    GroupTreeStore.Root size =
        new GroupTreeStore(volume, group.number, GroupTree.FREE_BY_SIZE)
            .store(bySize.stream().map(GroupStore::record).toList(), owned(GroupTree.FREE_BY_SIZE));
    long longest = bySize.isEmpty() ? 0 : bySize.getLast().getValue();
    BigEndian.put32(agf, GroupHeader.AGF_BNO_ROOT, place.block());
    BigEndian.put32(agf, GroupHeader.AGF_BNO_LEVEL, place.levels());
    BigEndian.put32(agf, GroupHeader.AGF_CNT_ROOT, size.block());
    BigEndian.put32(agf, GroupHeader.AGF_CNT_LEVEL, size.levels());
    BigEndian.put32(
        agf, GroupHeader.AGF_FREE_BLOCKS, runs.values().stream().mapToLong(Long::longValue).sum());
    BigEndian.put32(agf, GroupHeader.AGF_LONGEST, longest);
    BigEndian.put32(agf, GroupHeader.AGF_TREE_BLOCKS, treeBlocks);
  }

  private static byte[] record(Map.Entry<Long, Long> run) {
    byte[] record = new byte[8];
    BigEndian.put32(record, 0, run.getKey());
    BigEndian.put32(record, 4, run.getValue());
    return record;
  }
}
