package io.calco.guest.nio;

import io.calco.disk.Closing;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.guest.GuestDisk;
import io.calco.guest.GuestTree;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.util.Optional;

/// Opens the files of guests for programs that work on [Path]s.
public final class GuestFileSystems {
  private static final GuestFileSystemProvider PROVIDER = new GuestFileSystemProvider();

  private GuestFileSystems() {}

  /// The files in a disk image, as the guest mounts them, or of its only file system when it holds
  /// no operating system. Closing it closes the image.
  ///
  /// @throws io.calco.guest.GuestRequestException when the disk holds neither
  public static FileSystem open(Path disk, ImageOptions options) throws IOException {
    return open(PROVIDER, disk, options);
  }

  /// The files of a tree, which must stay open, and used by nobody else, until this is closed.
  public static FileSystem open(GuestTree tree) throws IOException {
    return new GuestFileSystem(PROVIDER, tree, Optional.empty(), () -> {});
  }

  static GuestFileSystem open(GuestFileSystemProvider provider, Path disk, ImageOptions options)
      throws IOException {
    Image image = Image.open(disk, options.with(Access.READ));
    try {
      GuestDisk guest = GuestDisk.openReadOnly(image.disk());
      try {
        return new GuestFileSystem(
            provider,
            tree(guest),
            Optional.of(disk.toAbsolutePath()),
            () -> {
              try (image) {
                guest.close();
              }
            });
      } catch (IOException | RuntimeException e) {
        Closing.after(e, guest);
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      Closing.after(e, image);
      throw e;
    }
  }

  private static GuestTree tree(GuestDisk guest) throws IOException {
    if (guest.tree().isEmpty() && guest.fileSystems().size() == 1) {
      return GuestTree.of(guest.fileSystems().getFirst());
    }
    return guest.requireTree();
  }
}
