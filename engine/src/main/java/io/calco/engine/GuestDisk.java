package io.calco.engine;

import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemType;
import io.calco.fs.FileSystems;
import io.calco.guest.GuestTree;
import io.calco.guest.GuestVolume;
import io.calco.volume.Partition;
import io.calco.volume.PartitionTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// A disk whose partitions and file systems are open, and the guest that lives in it. Confined to one thread.
final class GuestDisk implements AutoCloseable {
  /// What the file systems are opened for.
  enum Access {
    /// Nothing is written; journals are replayed in memory.
    READ,
    /// Journals are replayed in the disk first.
    WRITE
  }

  /// A part of the disk that holds no file system we can open.
  ///
  /// @param partition the partition, or empty for the whole disk
  /// @param reason why, in a few words
  record Unopened(Optional<Partition> partition, String reason) {}

  private final Disk disk;
  private final Access access;
  private final Optional<PartitionTable> table;
  private final List<GuestVolume> volumes = new ArrayList<>();
  private final List<Unopened> unopened = new ArrayList<>();
  private final Optional<GuestTree> tree;

  private GuestDisk(Disk disk, Access access) throws IOException {
    this.disk = disk;
    this.access = access;
    this.table = PartitionTable.find(disk);
    try {
      if (table.isPresent()) {
        for (Partition partition : table.get().partitions()) {
          if (!partition.extended()) {
            openPartition(partition);
          }
        }
      } else {
        openIn(Optional.empty(), disk);
      }
      this.tree = GuestTree.assemble(volumes);
    } catch (IOException | RuntimeException e) {
      closeAfter(e);
      throw e;
    }
  }

  /// Opens what is in `disk`, which stays its opener's to close.
  static GuestDisk open(Disk disk, Access access) throws IOException {
    return new GuestDisk(disk, access);
  }

  private void openPartition(Partition partition) throws IOException {
    if (partition.end() > disk.size()) {
      unopened.add(new Unopened(Optional.of(partition), "ends beyond the disk"));
    } else {
      openIn(Optional.of(partition), partition.slice(disk));
    }
  }

  private void openIn(Optional<Partition> partition, Disk part) throws IOException {
    Optional<FileSystemType> type = FileSystems.probe(part);
    if (type.isEmpty()) {
      unopened.add(new Unopened(partition, "no file system that Calco reads"));
      return;
    }
    try {
      FileSystem fileSystem =
          access == Access.WRITE ? type.get().openWritable(part) : type.get().openReadOnly(part);
      volumes.add(
          new GuestVolume(
              partition.map(p -> OptionalInt.of(p.number())).orElse(OptionalInt.empty()),
              partition.flatMap(Partition::uuid),
              partition.map(Partition::name).filter(name -> !name.isEmpty()),
              Set.of(),
              fileSystem,
              fileSystem.facts()));
    } catch (DiskException e) {
      unopened.add(new Unopened(partition, String.valueOf(e.getMessage())));
    }
  }

  Disk disk() {
    return disk;
  }

  Optional<PartitionTable> table() {
    return table;
  }

  /// The file systems, in the disk's order.
  List<GuestVolume> volumes() {
    return List.copyOf(volumes);
  }

  List<Unopened> unopened() {
    return List.copyOf(unopened);
  }

  /// The guest's files.
  Optional<GuestTree> tree() {
    return tree;
  }

  /// The guest's files, or a refusal that says what is in the disk instead.
  ///
  /// @param name the disk, for the message
  GuestTree requireTree(String name) {
    if (tree.isPresent()) {
      return tree.get();
    }
    String found =
        unopened.isEmpty()
            ? "its file systems hold none"
            : String.join(
                "; ",
                unopened.stream()
                    .map(
                        u ->
                            u.partition().map(p -> "partition " + p.number()).orElse("the disk")
                                + ": "
                                + u.reason())
                    .toList());
    throw new OperationException(
        OperationException.Kind.UNSUPPORTED,
        "%s: no operating system was found (%s)".formatted(name, found),
        "see what is in it with: calco inspect " + name);
  }

  /// Discards what deleted files left behind, in every file system of the guest.
  ///
  /// @return bytes discarded
  long trim() throws IOException {
    long bytes = 0;
    for (GuestVolume volume : volumes) {
      bytes += volume.fileSystem().trim();
    }
    return bytes;
  }

  /// Returns when all changes are on the medium.
  void sync() throws IOException {
    for (GuestVolume volume : volumes) {
      volume.fileSystem().sync();
    }
    disk.sync();
  }

  private void closeAfter(Exception cause) {
    try {
      close();
    } catch (IOException suppressed) {
      cause.addSuppressed(suppressed);
    }
  }

  /// Closes the file systems; the disk stays open.
  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (GuestVolume volume : volumes) {
      try {
        volume.fileSystem().close();
      } catch (IOException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
