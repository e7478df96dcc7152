package io.calco.engine;

import io.calco.disk.Disk;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemType;
import io.calco.fs.FileSystems;
import io.calco.volume.Partition;
import io.calco.volume.PartitionTable;
import java.io.IOException;
import java.util.Optional;

/// Lets a guest use the space that its disk has gained: the last partition grows to the end, then
/// the file system in it.
final class DiskGrowth {
  private DiskGrowth() {}

  /// Grows the last partition and its file system to the disk's end, offline.
  ///
  /// @param name the disk, for messages
  /// @throws OperationException when the last partition holds nothing that can grow; nothing was
  ///   written then
  static void growToEnd(Disk disk, String name) throws IOException {
    Optional<PartitionTable> table = PartitionTable.find(disk);
    if (table.isEmpty()) {
      grow(disk, name, "the disk");
      return;
    }
    Partition last =
        table
            .get()
            .last()
            .orElseThrow(() -> refused(name, "its partition table is empty", "leave out --size"));
    String where = "partition " + last.number();
    requireGrowable(last.slice(disk), name, where);
    PartitionTable grown = table.get().growToEnd(disk);
    Partition larger = grown.find(last.number()).orElseThrow();
    grow(larger.slice(disk), name, where);
  }

  private static void grow(Disk part, String name, String where) throws IOException {
    FileSystemType type = requireGrowable(part, name, where);
    try (FileSystem fileSystem = type.openWritable(part)) {
      fileSystem.growToDisk();
      fileSystem.sync();
    }
  }

  private static FileSystemType requireGrowable(Disk part, String name, String where)
      throws IOException {
    return FileSystems.probe(part)
        .orElseThrow(() ->
            refused(
                name,
                where + ", the last on the disk, holds no file system that Calco can grow",
                "leave out --size, and grow it in the running machine"));
  }

  private static OperationException refused(String name, String reason, String hint) {
    return new OperationException(OperationException.Kind.UNSUPPORTED, name + ": " + reason, hint);
  }
}
