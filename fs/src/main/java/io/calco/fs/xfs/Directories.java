package io.calco.fs.xfs;

import io.calco.disk.LimitExceededException;
import io.calco.fs.xfs.DirectoryFormat.Item;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// Directories as their entries by name. A directory is read whole, from its data blocks; the index
/// is not needed. Those read last are kept.
final class Directories {
  /// Entries of one directory, ours.
  private static final int MAX_ENTRIES = 1 << 21;

  /// Entries kept, of all directories together, ours.
  private static final int MAX_KEPT = 1 << 17;

  private final Volume volume;
  private final LinkedHashMap<Long, SequencedMap<String, Item>> kept =
      new LinkedHashMap<>(16, 0.75f, true);
  private int keptEntries;

  Directories(Volume volume) {
    this.volume = volume;
  }

  /// The directory's entries without `.` and `..`; live: a writer keeps it right.
  SequencedMap<String, Item> entries(Inode directory) throws IOException {
    SequencedMap<String, Item> entries = kept.get(directory.number());
    if (entries == null) {
      entries = read(directory);
      keptEntries += entries.size() + 1;
      kept.put(directory.number(), entries);
      while (keptEntries > MAX_KEPT && kept.size() > 1) {
        Map.Entry<Long, SequencedMap<String, Item>> eldest = kept.pollFirstEntry();
        keptEntries -= eldest.getValue().size() + 1;
      }
    }
    return entries;
  }

  /// Forgets what was read of a directory that is none any more.
  void forget(long directory) {
    SequencedMap<String, Item> entries = kept.remove(directory);
    keptEntries -= entries == null ? 0 : entries.size() + 1;
  }

  /// Forgets what was read of all directories.
  void forget() {
    kept.clear();
    keptEntries = 0;
  }

  private SequencedMap<String, Item> read(Inode directory) throws IOException {
    SequencedMap<String, Item> entries = new LinkedHashMap<>();
    int[] count = {0};
    DirectoryFormat.Visitor visitor =
        item -> {
          count[0]++;
          if (!item.name().equals(".") && !item.name().equals("..")) {
            entries.putIfAbsent(item.name(), item);
          }
        };
    if (directory.format() == Inode.LOCAL) {
      DirectoryFormat.readShort(volume.geometry, directory, visitor);
      return entries;
    }
    DirectoryBlocks blocks = new DirectoryBlocks(volume, directory);
    for (long index = blocks.next(0); index >= 0; index = blocks.next(index + 1)) {
      long base = index << volume.geometry.directoryBits;
      byte[] block = blocks.read(index);
      DirectoryFormat.readData(volume.geometry, directory.number(), block, base, visitor);
      if (count[0] > MAX_ENTRIES) {
        throw new LimitExceededException(
            "xfs file system: directory %d: more than %d entries"
                .formatted(directory.number(), MAX_ENTRIES));
      }
    }
    return entries;
  }
}
