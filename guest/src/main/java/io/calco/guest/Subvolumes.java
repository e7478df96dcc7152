package io.calco.guest;

import io.calco.fs.SubvolumeFileSystem;
import io.calco.fs.SubvolumeFileSystem.Subvolume;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The subvolumes of a disk's file systems, each as a volume of its own, opened once.
final class Subvolumes {
  private static final int MAX_ROOTS = 64; // ours: subvolumes looked at for a root

  /// Where distributions put their root: Ubuntu, Arch and Mint; Fedora and Red Hat's family;
  /// Debian.
  private static final List<String> ROOTS = List.of("/@", "/root", "/@rootfs");

  /// The number by which options mean the top level, beside its own.
  private static final long TOP_LEVEL_OPTION = 0;

  private static final long TOP_LEVEL = 5;

  private record Key(GuestVolume volume, long id) {}

  private final Map<Key, GuestVolume> opened = new HashMap<>();

  /// What of a volume may be the guest's root when the volume as it is shown is not: the usual
  /// names first, then what may be changed, the oldest first.
  List<GuestVolume> rootCandidates(GuestVolume volume) throws IOException {
    if (!(volume.fileSystem() instanceof SubvolumeFileSystem files)) {
      return List.of();
    }
    List<Subvolume> candidates = new ArrayList<>(files.subvolumes());
    candidates.removeIf(subvolume -> subvolume.id() == files.shownSubvolume());
    candidates.sort(
        Comparator.comparingInt((Subvolume s) -> usual(s))
            .thenComparing(Subvolume::readOnly)
            .thenComparingLong(Subvolume::id));
    List<GuestVolume> volumes = new ArrayList<>();
    for (Subvolume subvolume : candidates.stream().limit(MAX_ROOTS).toList()) {
      volumes.add(open(volume, files, subvolume.id()));
    }
    return volumes;
  }

  private static int usual(Subvolume subvolume) {
    int at = ROOTS.indexOf(subvolume.path());
    return at < 0 ? ROOTS.size() : at;
  }

  /// What of a volume the line mounts; empty when it has no such subvolume.
  Optional<GuestVolume> mounted(GuestVolume volume, FstabEntry entry) throws IOException {
    if (!(volume.fileSystem() instanceof SubvolumeFileSystem files)) {
      return Optional.of(volume);
    }
    Optional<String> number = entry.option("subvolid");
    Optional<String> path = entry.option("subvol");
    if (number.isEmpty() && path.isEmpty()) {
      return Optional.of(volume);
    }
    for (Subvolume subvolume : files.subvolumes()) {
      boolean meant =
          number.isPresent()
              ? means(number.get(), subvolume.id())
              : PathResolver.parts(path.get()).equals(PathResolver.parts(subvolume.path()));
      if (meant) {
        return Optional.of(open(volume, files, subvolume.id()));
      }
    }
    return Optional.empty();
  }

  private static boolean means(String number, long id) {
    try {
      long wanted = Long.decode(number);
      return id == (wanted == TOP_LEVEL_OPTION ? TOP_LEVEL : wanted);
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private GuestVolume open(GuestVolume volume, SubvolumeFileSystem files, long id)
      throws IOException {
    if (id == files.shownSubvolume()) {
      return volume;
    }
    Key key = new Key(volume, id);
    GuestVolume found = opened.get(key);
    if (found == null) {
      found = volume.withFileSystem(files.openSubvolume(id));
      opened.put(key, found);
    }
    return found;
  }
}
