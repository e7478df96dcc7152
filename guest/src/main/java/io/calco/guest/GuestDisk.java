package io.calco.guest;

import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemType;
import io.calco.fs.FileSystems;
import io.calco.volume.Partition;
import io.calco.volume.PartitionKind;
import io.calco.volume.PartitionTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// A guest's disk: its partition table, what each partition holds, and its files as one tree. The
/// disk stays its opener's to close; the file systems are closed with this.
///
/// A file system that cannot be opened is told in its [DiskVolume], not thrown.
public final class GuestDisk implements AutoCloseable {
  private static final int MAX_VOLUMES = 256; // ours

  private final Optional<PartitionTable> table;
  private final List<DiskVolume> volumes = new ArrayList<>();
  private final List<GuestVolume> opened = new ArrayList<>();
  private Optional<GuestTree> tree = Optional.empty();

  private GuestDisk(Optional<PartitionTable> table) {
    this.table = table;
  }

  /// Opens for reading; writes nothing.
  public static GuestDisk openReadOnly(Disk disk) throws IOException {
    GuestDisk guest = new GuestDisk(PartitionTable.find(disk));
    try {
      for (Optional<Partition> place : guest.places()) {
        guest.open(place, disk);
      }
      guest.tree = GuestTree.assemble(guest.opened);
      return guest;
    } catch (IOException | RuntimeException e) {
      closeAfter(guest, e);
      throw e;
    }
  }

  /// Opens for writing the file systems that the guest's tree is made of, and those alone: a
  /// journal that needs it is replayed now.
  ///
  /// @throws UnsupportedFeatureException when one of them cannot be written correctly, or the guest
  ///   hibernates
  public static GuestDisk openWritable(Disk disk) throws IOException {
    GuestDisk guest = openReadOnly(disk);
    try {
      guest.refuseSleeping();
      if (guest.tree.isPresent()) {
        guest.reopenWritable(disk);
      }
      return guest;
    } catch (IOException | RuntimeException e) {
      closeAfter(guest, e);
      throw e;
    }
  }

  private static void closeAfter(GuestDisk guest, Exception failure) {
    try {
      guest.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /// Partitions that may hold files, or the whole disk when there is no table.
  private List<Optional<Partition>> places() {
    if (table.isEmpty()) {
      return List.of(Optional.empty());
    }
    return table.get().partitions().stream()
        .filter(p -> !p.extended() && p.type().kind() != PartitionKind.PROTECTIVE)
        .limit(MAX_VOLUMES)
        .map(Optional::of)
        .toList();
  }

  private void open(Optional<Partition> place, Disk disk) throws IOException {
    Optional<String> content = Optional.empty();
    try {
      Disk slice = slice(place, disk);
      content = DiskSignature.probe(slice);
      Optional<FileSystemType> type = FileSystems.probe(slice);
      if (type.isPresent()) {
        GuestVolume volume = volume(place, type.get().openReadOnly(slice));
        opened.add(volume);
        volumes.add(
            new DiskVolume(
                place,
                Optional.of(volume.facts().type()),
                Optional.of(volume.facts()),
                Optional.empty()));
      } else {
        Optional<String> reason =
            content
                .filter(name -> !name.equals("swap"))
                .map(name -> name + " is not a file system that can be read");
        volumes.add(new DiskVolume(place, content, Optional.empty(), reason));
      }
    } catch (DiskException e) {
      volumes.add(
          new DiskVolume(
              place, content, Optional.empty(), Optional.of(String.valueOf(e.getMessage()))));
    }
  }

  /// A system that wakes up believes that its file systems are as it left them.
  private void refuseSleeping() throws UnsupportedFeatureException {
    for (DiskVolume volume : volumes) {
      if (volume.content().equals(Optional.of("swsuspend"))) {
        throw new UnsupportedFeatureException(
            "%s holds the memory of a hibernated system: start the machine and shut it down first"
                .formatted(volume.describe()));
      }
    }
  }

  private void reopenWritable(Disk disk) throws IOException {
    List<GuestVolume> mounted = List.copyOf(tree.orElseThrow().mounts().values());
    closeFileSystems();
    for (GuestVolume volume : mounted) {
      Optional<Partition> place =
          volume.partitionNumber().isPresent()
              ? table.orElseThrow().find(volume.partitionNumber().getAsInt())
              : Optional.empty();
      Disk slice = slice(place, disk);
      opened.add(volume(place, FileSystems.probe(slice).orElseThrow().openWritable(slice)));
    }
    tree = GuestTree.assemble(opened);
  }

  private static Disk slice(Optional<Partition> place, Disk disk) throws IOException {
    return place.isPresent() ? place.get().slice(disk) : disk;
  }

  private static GuestVolume volume(Optional<Partition> place, FileSystem fileSystem)
      throws IOException {
    return new GuestVolume(
        place.map(p -> OptionalInt.of(p.number())).orElse(OptionalInt.empty()),
        place.flatMap(Partition::uuid),
        place.map(Partition::name).filter(name -> !name.isEmpty()),
        Set.of(),
        fileSystem,
        fileSystem.facts());
  }

  /// The partition table; empty when there is none.
  public Optional<PartitionTable> table() {
    return table;
  }

  /// Every place that may hold files, in the order of the table.
  public List<DiskVolume> volumes() {
    return List.copyOf(volumes);
  }

  /// The guest's files; empty when no operating system was found.
  public Optional<GuestTree> tree() {
    return tree;
  }

  /// The guest's files.
  ///
  /// @throws GuestRequestException telling what each volume holds, when there are none
  public GuestTree requireTree() throws GuestRequestException {
    if (tree.isPresent()) {
      return tree.get();
    }
    StringBuilder why = new StringBuilder("no operating system found in this disk");
    for (DiskVolume volume : volumes) {
      String holds =
          volume
              .unreadable()
              .or(() -> volume.content().map(c -> c + ", no Linux root"))
              .orElse("empty");
      why.append("; ").append(volume.describe()).append(": ").append(PrintableText.of(holds));
    }
    throw new GuestRequestException(why.toString());
  }

  @Override
  public void close() throws IOException {
    closeFileSystems();
  }

  private void closeFileSystems() throws IOException {
    IOException failure = null;
    for (GuestVolume volume : opened) {
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
    opened.clear();
    if (failure != null) {
      throw failure;
    }
  }
}
