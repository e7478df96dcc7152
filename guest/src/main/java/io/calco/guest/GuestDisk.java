package io.calco.guest;

import io.calco.disk.Closing;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemType;
import io.calco.fs.FileSystems;
import io.calco.volume.Partition;
import io.calco.volume.PartitionTable;
import io.calco.volume.Volume;
import io.calco.volume.VolumeKeys;
import io.calco.volume.Volumes;
import io.calco.volume.lvm.VolumeGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// A guest's disk: its partitions and the volumes in them, what each holds, and its files as one
/// tree. The disk stays its opener's to close; what was opened on it is closed with this.
///
/// What cannot be opened is told in its [DiskVolume], not thrown.
public final class GuestDisk implements AutoCloseable {
  private final Volumes places;
  private final List<DiskVolume> volumes = new ArrayList<>();
  private final List<GuestVolume> opened = new ArrayList<>();
  private Optional<GuestTree> tree = Optional.empty();

  private GuestDisk(Volumes places) {
    this.places = places;
  }

  /// Opens for reading; writes nothing. Encrypted volumes stay closed.
  public static GuestDisk openReadOnly(Disk disk) throws IOException {
    return openReadOnly(disk, VolumeKeys.none());
  }

  /// Opens for reading; writes nothing.
  ///
  /// @param keys asked for each encrypted volume
  public static GuestDisk openReadOnly(Disk disk, VolumeKeys keys) throws IOException {
    GuestDisk guest = new GuestDisk(Volumes.of(disk, keys));
    try {
      for (Volume place : guest.places.all()) {
        guest.open(place);
      }
      guest.assemble();
      return guest;
    } catch (IOException | RuntimeException e) {
      Closing.after(e, guest);
      throw e;
    }
  }

  /// Opens for writing the file systems that the guest's tree is made of, and those alone: a
  /// journal that needs it is replayed now. Encrypted volumes stay closed.
  ///
  /// @throws UnsupportedFeatureException when one of them cannot be written correctly, or the guest
  ///   hibernates
  public static GuestDisk openWritable(Disk disk) throws IOException {
    return openWritable(disk, VolumeKeys.none());
  }

  /// As [#openWritable(Disk)].
  ///
  /// @param keys asked for each encrypted volume
  public static GuestDisk openWritable(Disk disk, VolumeKeys keys) throws IOException {
    GuestDisk guest = openReadOnly(disk, keys);
    try {
      guest.refuseSleeping();
      if (guest.tree.isPresent()) {
        guest.reopenWritable();
      }
      return guest;
    } catch (IOException | RuntimeException e) {
      Closing.after(e, guest);
      throw e;
    }
  }

  private void assemble() throws IOException {
    tree = GuestTree.assemble(opened);
    tree.ifPresent(found -> {
      found.setVolumeGroups(places.groups());
      found.setEncrypted(encrypted());
    });
  }

  private void open(Volume place) throws IOException {
    if (!place.leaf() || place.disk().isEmpty()) {
      volumes.add(new DiskVolume(place, place.container(), Optional.empty(), place.unreadable()));
      return;
    }
    Disk disk = place.disk().get();
    Optional<String> content = Optional.empty();
    try {
      content = DiskSignature.probe(disk);
      Optional<FileSystemType> type = FileSystems.probe(disk);
      if (type.isPresent()) {
        GuestVolume volume = volume(place, type.get().openReadOnly(disk));
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
                .map(name -> name + " is not a file system that can be read")
                .or(place::unreadable);
        volumes.add(new DiskVolume(place, content, Optional.empty(), reason));
      }
    } catch (DiskException e) {
      volumes.add(
          new DiskVolume(
              place, content, Optional.empty(), Optional.of(String.valueOf(e.getMessage()))));
    }
  }

  /// A system that wakes up believes that its file systems are as it left them.
  void refuseSleeping() throws UnsupportedFeatureException {
    for (DiskVolume volume : volumes) {
      if (volume.content().equals(Optional.of("swsuspend"))) {
        throw new UnsupportedFeatureException(
            "%s holds the memory of a hibernated system: start the machine and shut it down first"
                .formatted(volume.describe()));
      }
    }
  }

  private void reopenWritable() throws IOException {
    List<GuestVolume> mounted = List.copyOf(tree.orElseThrow().mounts().values());
    closeFileSystems();
    for (GuestVolume volume : mounted) {
      if (opened.stream().anyMatch(volume::sharesPlaceWith)) {
        continue; // another subvolume of what is open already
      }
      Volume place = placeOf(volume);
      if (place.readOnly().isPresent()) {
        throw new UnsupportedFeatureException(
            "%s cannot be written: %s".formatted(volume.describe(), place.readOnly().get()));
      }
      Disk disk = place.disk().orElseThrow();
      opened.add(volume(place, FileSystems.probe(disk).orElseThrow().openWritable(disk)));
    }
    assemble();
  }

  private Volume placeOf(GuestVolume volume) {
    return places.all().stream()
        .filter(place ->
            number(place).equals(volume.partitionNumber())
                && place.devices().equals(volume.devices())
                && place.leaf())
        .findFirst()
        .orElseThrow();
  }

  private static OptionalInt number(Volume place) {
    return place
        .partition()
        .map(partition -> OptionalInt.of(partition.number()))
        .orElse(OptionalInt.empty());
  }

  private static GuestVolume volume(Volume place, FileSystem fileSystem) throws IOException {
    return new GuestVolume(
        number(place),
        place.partition().flatMap(Partition::uuid),
        place.partition().map(Partition::name).filter(name -> !name.isEmpty()),
        place.devices(),
        fileSystem,
        fileSystem.facts());
  }

  /// The partition table; empty when there is none.
  public Optional<PartitionTable> table() {
    return places.table();
  }

  /// Every place that may hold files or other places: partitions in the order of the table, then
  /// what is in them.
  public List<DiskVolume> volumes() {
    return List.copyOf(volumes);
  }

  /// LVM2's volume groups on the disk.
  public List<VolumeGroup> volumeGroups() {
    return places.groups();
  }

  /// The file systems that are open, in the order of the table.
  public List<GuestVolume> fileSystems() {
    return List.copyOf(opened);
  }

  /// The guest's files; empty when no operating system was found.
  public Optional<GuestTree> tree() {
    return tree;
  }

  private List<Volume> encrypted() {
    return places.all().stream()
        .filter(place -> place.container().equals(Optional.of("crypto_LUKS")))
        .filter(place -> place.unreadable().isEmpty() && place.uuid().isPresent())
        .toList();
  }

  /// True when the files of a volume are encrypted where they lie.
  boolean isEncrypted(GuestVolume volume) {
    return isEncrypted(placeOf(volume));
  }

  private static boolean isEncrypted(Volume place) {
    return place.container().equals(Optional.of("crypto_LUKS"))
        || place.parents().stream().anyMatch(GuestDisk::isEncrypted);
  }

  /// The encrypted volumes that no key opened.
  public List<DiskVolume> locked() {
    return volumes.stream()
        .filter(volume -> volume.content().equals(Optional.of("crypto_LUKS")))
        .filter(volume -> volume.unreadable().isPresent())
        .toList();
  }

  /// The guest's files.
  ///
  /// @throws EncryptedGuestException when there are none, and a volume is closed
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
              .or(() -> volume.content().map(c -> c + ", no root of a system"))
              .orElse("empty");
      why.append("; ").append(volume.describe()).append(": ").append(PrintableText.of(holds));
    }
    throw locked().isEmpty()
        ? new GuestRequestException(why.toString())
        : new EncryptedGuestException(why.toString());
  }

  @Override
  public void close() throws IOException {
    try (places) {
      closeFileSystems();
    }
  }

  private void closeFileSystems() throws IOException {
    List<AutoCloseable> all = new ArrayList<>();
    opened.forEach(volume -> all.add(volume.fileSystem()));
    opened.clear();
    Closing.all(all);
  }
}
