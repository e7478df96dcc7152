package io.calco.engine.mount;

import io.calco.disk.Disk;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.guest.DiskVolume;
import io.calco.guest.EncryptedGuestException;
import io.calco.guest.GuestDisk;
import io.calco.guest.GuestRequestException;
import io.calco.guest.GuestTree;
import io.calco.guest.GuestVolume;
import io.calco.sys.fuse.FuseNode;
import io.calco.sys.fuse.FuseServer;
import io.calco.volume.Partition;
import io.calco.volume.VolumeKeys;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// A disk that is shown in a directory, until it is closed here or unmounted by anybody. Thread
/// rule: confined.
public final class DiskMount implements AutoCloseable {
  private static final long FIRST_INODE = 2;
  private static final String WHOLE = "disk.raw";

  private final GuestDisk guest;
  private final FuseServer server;
  private final Map<String, String> raw;

  private DiskMount(GuestDisk guest, Map<String, String> raw, FuseServer server) {
    this.guest = guest;
    this.raw = raw;
    this.server = server;
  }

  /// Shows a disk.
  ///
  /// @param disk stays its opener's to close, after the mount
  /// @param name of the disk, for messages
  /// @param keys asked for each encrypted volume
  /// @param directory is there; what it holds is hidden meanwhile
  /// @param modified the time that the disk's own files show
  /// @throws OperationException NOT_FOUND when what is to be shown is not there, or a program that
  ///   mounts is not installed
  public static DiskMount open(
      Disk disk, String name, VolumeKeys keys, MountView view, Path directory, Instant modified)
      throws IOException {
    GuestDisk guest = GuestDisk.openReadOnly(disk, keys);
    try {
      Map<String, String> raw = new HashMap<>();
      FuseNode root =
          switch (view) {
            case MountView.Everything() -> everything(disk, guest, modified, raw);
            case MountView.Partition(int number) -> partition(guest, name, number);
            case MountView.SystemFiles() -> system(guest, name);
          };
      return new DiskMount(guest, raw, start(directory, root));
    } catch (IOException | RuntimeException e) {
      try (guest) {
        throw e;
      }
    }
  }

  private static FuseServer start(Path directory, FuseNode root) throws IOException {
    try {
      return FuseServer.start(directory, root);
    } catch (NoSuchFileException e) {
      if (directory.toString().equals(e.getFile())) {
        throw e;
      }
      throw new OperationException(
          Kind.NOT_FOUND,
          "nothing can be mounted here: %s: %s".formatted(e.getFile(), e.getReason()),
          "as root nothing is needed but the kernel's FUSE; for others: apt-get install fuse3;"
              + " without it: calco backup copy-out, calco backup export");
    }
  }

  /// @param raw receives the names of volumes' files by what the volumes are called
  private static FuseNode everything(
      Disk disk, GuestDisk guest, Instant modified, Map<String, String> raw) throws IOException {
    SequencedMap<String, FuseNode> members = new LinkedHashMap<>();
    long inode = FIRST_INODE;
    members.put(WHOLE, new DiskFile(inode++, disk, modified));
    Object lock = new Object();
    List<GuestVolume> open = new ArrayList<>(guest.fileSystems());
    for (DiskVolume volume : guest.volumes()) {
      String name = name(volume);
      Optional<Disk> content = content(volume, disk);
      if (content.isPresent()) {
        DiskFile file = new DiskFile(inode++, content.get(), modified);
        if (members.putIfAbsent(name + ".raw", file) == null) {
          raw.put(volume.describe(), name + ".raw");
        }
      } else if (volume.partition().isEmpty() && volume.device().isEmpty()) {
        raw.put(volume.describe(), WHOLE);
      }
      if (volume.facts().isPresent()) {
        // Both lists have the order of the disk.
        GuestTree tree = GuestTree.of(open.removeFirst());
        members.putIfAbsent(name, new GuestNode.Tree(tree, lock, inode++).root());
      }
    }
    return new TopDirectory(members, modified);
  }

  /// The bytes of a partition, or of what lies in one; empty for the whole disk.
  private static Optional<Disk> content(DiskVolume volume, Disk disk) throws IOException {
    Optional<Partition> partition = volume.partition();
    if (partition.isPresent()) {
      return partition.get().extended() || partition.get().end() > disk.size()
          ? Optional.empty()
          : Optional.of(partition.get().slice(disk));
    }
    return volume.device().isPresent() ? volume.place().disk() : Optional.empty();
  }

  /// `p2`, `vg0-root`, or `files` for those of a disk without partitions.
  private static String name(DiskVolume volume) {
    return volume
        .partition()
        .map(partition -> "p" + partition.number())
        .or(() ->
            volume
                .device()
                .map(device -> device.replaceFirst("^/dev/(mapper/)?", "").replace('/', '-')))
        .orElse("files");
  }

  private static FuseNode partition(GuestDisk guest, String name, int number) {
    for (GuestVolume volume : guest.fileSystems()) {
      if (volume.partitionNumber().orElse(0) == number) {
        return new GuestNode.Tree(GuestTree.of(volume), new Object(), 0).root();
      }
    }
    String why =
        guest.volumes().stream()
            .filter(volume -> volume.partition().map(Partition::number).orElse(0) == number)
            .findFirst()
            .map(volume -> volume.unreadable().orElse("it holds no file system"))
            .orElse("there is no such partition");
    throw new OperationException(
        Kind.NOT_FOUND, "%s: partition %d cannot be shown: %s".formatted(name, number, why));
  }

  private static FuseNode system(GuestDisk guest, String name) {
    try {
      return new GuestNode.Tree(guest.requireTree(), new Object(), 0).root();
    } catch (EncryptedGuestException e) {
      throw OperationException.encrypted(Path.of(name), e);
    } catch (GuestRequestException e) {
      throw new OperationException(Kind.UNSUPPORTED, name + ": " + e.getMessage());
    }
  }

  /// The file that shows a volume's bytes, where everything is shown.
  ///
  /// @param volume as [DiskVolume#describe] calls it
  /// @return its name in the directory
  public Optional<String> raw(String volume) {
    return Optional.ofNullable(raw.get(volume));
  }

  /// Waits a while for somebody to unmount it.
  ///
  /// @return true when it is unmounted
  public boolean awaitUnmount(long millis) throws InterruptedException {
    return server.awaitUnmount(millis);
  }

  @Override
  public void close() throws IOException {
    try (guest) {
      server.close();
    }
  }
}
