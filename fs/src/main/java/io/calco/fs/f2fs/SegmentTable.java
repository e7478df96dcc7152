package io.calco.fs.f2fs;

import static io.calco.fs.f2fs.Superblock.BLOCK;
import static io.calco.fs.f2fs.Superblock.BLOCKS_IN_SEGMENT;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.UsedBlocks;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The segment information table: which blocks of each segment hold something.
final class SegmentTable implements UsedBlocks {
  static final int ENTRIES_IN_BLOCK = 55;

  private static final int ENTRY = 74;
  private static final int MAP_AT = 2;
  private static final int MAP = 64;
  private static final int READ_BLOCKS = 256;

  private final Disk disk;
  private final Superblock superblock;
  private final Checkpoint checkpoint;

  SegmentTable(Disk disk, Superblock superblock, Checkpoint checkpoint) {
    this.disk = disk;
    this.superblock = superblock;
    this.checkpoint = checkpoint;
  }

  @Override
  public FileSystemFacts facts() {
    long most = superblock.mainSegments() * BLOCKS_IN_SEGMENT;
    return new FileSystemFacts(
        "f2fs",
        Optional.of(superblock.uuid().toString()),
        superblock.label(),
        superblock.blocks() * BLOCK,
        Math.min(checkpoint.freeBlocks(), most) * BLOCK,
        BLOCK,
        checkpoint.unmounted());
  }

  @Override
  public void usedRuns(FileSystem.RunConsumer run) throws IOException {
    if (!checkpoint.unmounted()) {
      run.accept(0, superblock.blocks() * BLOCK);
      return;
    }
    Merged used = new Merged(run);
    used.add(0, superblock.mainStart());
    Map<Long, byte[]> journal = journal();
    long segments = superblock.mainSegments();
    byte[] versions = checkpoint.tableVersions(Math.ceilDiv(segments, ENTRIES_IN_BLOCK));
    long step = (long) READ_BLOCKS * ENTRIES_IN_BLOCK;
    for (long segment = 0; segment < segments; segment += step) {
      long count = Math.min(step, segments - segment);
      addSegments(used, segment, (int) count, versions, journal);
    }
    used.finish();
  }

  /// All blocks, where it was not unmounted in order.
  @Override
  public boolean tellsAll() {
    return true;
  }

  private Map<Long, byte[]> journal() throws IOException {
    byte[] bytes = checkpoint.segmentJournal();
    int count = LittleEndian.u16(bytes, 0);
    if (count > (bytes.length - 2) / (4 + ENTRY)) {
      throw new CorruptImageException(
          "f2fs file system: segment journal: %d entries, more than fit".formatted(count));
    }
    Map<Long, byte[]> maps = new HashMap<>();
    for (int i = 0; i < count; i++) {
      int at = 2 + i * (4 + ENTRY);
      int map = at + 4 + MAP_AT;
      maps.put(LittleEndian.u32(bytes, at), java.util.Arrays.copyOfRange(bytes, map, map + MAP));
    }
    return maps;
  }

  private void addSegments(
      Merged used, long first, int count, byte[] versions, Map<Long, byte[]> journal)
      throws IOException {
    int block = (int) (first / ENTRIES_IN_BLOCK);
    int length = Math.ceilDiv(count, ENTRIES_IN_BLOCK) * BLOCK;
    long start = superblock.tableStart() + block;
    byte[] one = disk.readBytes(start * BLOCK, length);
    byte[] other = disk.readBytes((start + superblock.tableBlocks()) * BLOCK, length);
    for (int i = 0; i < count; i++) {
      int within = i / ENTRIES_IN_BLOCK;
      byte[] table = isSet(versions, 0, block + within) ? other : one;
      int map = within * BLOCK + i % ENTRIES_IN_BLOCK * ENTRY + MAP_AT;
      byte[] newer = journal.get(first + i);
      addSegment(used, first + i, newer == null ? table : newer, newer == null ? map : 0);
    }
  }

  private void addSegment(Merged used, long segment, byte[] bytes, int map) throws IOException {
    long start = superblock.mainStart() + segment * BLOCKS_IN_SEGMENT;
    for (int i = 0; i < BLOCKS_IN_SEGMENT; i++) {
      if (bytes[map + (i >> 3)] == 0) {
        i |= 7;
      } else if (isSet(bytes, map, i)) {
        used.add(start + i, 1);
      }
    }
  }

  private static boolean isSet(byte[] bytes, int at, int bit) {
    return (bytes[at + (bit >> 3)] >> 7 - (bit & 7) & 1) != 0;
  }

  /// Hands runs of blocks on when nothing more can join them.
  private static final class Merged {
    private final FileSystem.RunConsumer run;
    private long start;
    private long end;

    Merged(FileSystem.RunConsumer run) {
      this.run = run;
    }

    void add(long block, long count) throws IOException {
      if (block != end) {
        finish();
        start = block;
      }
      end = block + count;
    }

    void finish() throws IOException {
      if (end > start) {
        run.accept(start * BLOCK, (end - start) * BLOCK);
      }
    }
  }
}
