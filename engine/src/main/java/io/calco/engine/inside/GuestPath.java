package io.calco.engine.inside;

import io.calco.disk.Image;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// A place in a disk as users write it: `disk.qcow2:/etc/fstab` in the guest's own tree,
/// `disk.qcow2:p3:/etc/fstab` in a partition, `disk.qcow2:/dev/vg0/root:/etc/fstab` in a volume, or
/// `disk.qcow2` for its root.
///
/// @param disk the image file
/// @param volume `p3`, or a device's name; empty for the tree that the guest mounts
/// @param path absolute, in the guest
public record GuestPath(Path disk, Optional<String> volume, String path) {

  /// Reads a place. The disk's name ends at the first colon before which there is such a file.
  ///
  /// @throws OperationException when there is no such file, or what follows is no place in it
  public static GuestPath parse(String text) {
    for (int colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', colon + 1)) {
      if (colon > 0 && isDisk(Path.of(text.substring(0, colon)))) {
        return inside(Path.of(text.substring(0, colon)), text.substring(colon + 1));
      }
    }
    if (!isDisk(Path.of(text))) {
      throw new OperationException(
          Kind.NOT_FOUND, text + ": no such disk", "write a place in a disk as DISK:/path");
    }
    return new GuestPath(Path.of(text), Optional.empty(), "/");
  }

  private static boolean isDisk(Path path) {
    return Files.exists(path) || Image.isInDirectory(path);
  }

  /// A place in a disk that has a name.
  ///
  /// @param disk its name, for messages
  /// @param rest what follows the colon: `/etc`, `p3:/etc`; empty for the root
  /// @throws OperationException when that is no place in a disk
  public static GuestPath inside(Path disk, String rest) {
    if (rest.isEmpty()) {
      return new GuestPath(disk, Optional.empty(), "/");
    }
    boolean device = rest.startsWith("/dev/") && rest.contains(":/");
    if (rest.startsWith("/") && !device) {
      return new GuestPath(disk, Optional.empty(), rest);
    }
    int colon = device ? rest.indexOf(":/") : rest.indexOf(':');
    String volume = colon < 0 ? rest : rest.substring(0, colon);
    String path = colon < 0 ? "/" : rest.substring(colon + 1);
    if (!(device || volume.matches("p[1-9][0-9]{0,5}"))
        || !(path.isEmpty() || path.startsWith("/"))) {
      throw new OperationException(
          Kind.USAGE,
          "\"%s\" is no place in %s".formatted(rest, disk),
          "write DISK:/path, DISK:p3:/path for a partition or DISK:/dev/vg/lv:/path for a volume");
    }
    return new GuestPath(disk, Optional.of(volume), path.isEmpty() ? "/" : path);
  }

  /// The same disk and volume, another path.
  GuestPath at(String other) {
    return new GuestPath(disk, volume, other);
  }

  @Override
  public String toString() {
    return disk + volume.map(name -> ":" + name).orElse("") + ":" + path;
  }
}
