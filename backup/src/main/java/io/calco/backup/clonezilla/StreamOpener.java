package io.calco.backup.clonezilla;

import io.calco.disk.Closing;
import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JoinedFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.UnwrapBudget;
import io.calco.disk.UnwrapOptions;
import io.calco.disk.Wrapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/// Opens the files of a [SavedStream]: joined, unpacked by what their names say, and read anywhere.
/// Stateless.
final class StreamOpener {
  private static final String NOT_PACKED = "uncomp";

  /// What partclone adds to the blocks: header, map and checksums, 16 bytes for each block of 512.
  private static final long PARTCLONE_HEAD = 16L << 20;

  private static final int PARTCLONE_SHARE = 8;
  private static final long SIZE_MAX = 1L << 60; // ours, of a device whose size nothing else tells

  private static final List<Wrapper> WRAPPERS =
      ServiceLoader.load(Wrapper.class, Wrapper.class.getClassLoader()).stream()
          .map(ServiceLoader.Provider::get)
          .filter(wrapper -> List.of("gz", "zst", "xz", "bz2", "lz4").contains(wrapper.name()))
          .toList();

  private StreamOpener() {}

  /// Opens the used blocks of a file system.
  ///
  /// @param length of what was saved, in bytes
  /// @throws CorruptImageException when the image is of a larger device
  static Image partclone(ImageDirectory directory, SavedStream stream, long length)
      throws IOException {
    long most = Math.addExact(length + length / PARTCLONE_SHARE, PARTCLONE_HEAD);
    Image image =
        Image.openOwning(
            unpacked(directory, stream, most), ImageOptions.reading().withFormat("partclone"));
    if (image.disk().size() > length) {
      try (image) {
        throw new CorruptImageException(
            "%s: partclone header at 0x34: device size: found %d, expected at most the %d of where it was"
                .formatted(
                    directory.nameOf(stream.files().getFirst()), image.disk().size(), length));
      }
    }
    return image;
  }

  /// The size of the device that an image of a file system is of.
  static long deviceSize(ImageDirectory directory, SavedStream stream) throws IOException {
    try (Image image = partclone(directory, stream, SIZE_MAX)) {
      return image.disk().size();
    }
  }

  /// Opens every byte of a device, as a file that ends where it ends.
  ///
  /// @param length of what was saved, in bytes; more than that is not unpacked
  static HostFile raw(ImageDirectory directory, SavedStream stream, long length)
      throws IOException {
    try {
      return unpacked(directory, stream, length);
    } catch (LimitExceededException e) {
      throw RawStreamDriver.tooLong(directory.nameOf(stream.files().getFirst()), length, e);
    }
  }

  /// What the files are packed in; empty when they hold what they hold as it is.
  private static Optional<Wrapper> wrapper(
      ImageDirectory directory, SavedStream stream, HostFile packed) throws IOException {
    if (stream.compression().isEmpty()) {
      for (Wrapper wrapper : WRAPPERS) {
        if (wrapper.probe(packed)) {
          return Optional.of(wrapper);
        }
      }
      return Optional.empty();
    }
    String named = stream.compression().get();
    if (named.equals(NOT_PACKED)) {
      return Optional.empty();
    }
    for (Wrapper wrapper : WRAPPERS) {
      if (wrapper.name().equals(named)) {
        if (!wrapper.probe(packed)) {
          throw new CorruptImageException(
              "%s: marks at 0x0: found none of %s, expected it by its name"
                  .formatted(directory.nameOf(stream.files().getFirst()), named));
        }
        return Optional.of(wrapper);
      }
    }
    throw new UnsupportedFeatureException(
        "%s: its name says that it is compressed as %s, which Calco does not know"
            .formatted(directory.nameOf(stream.files().getFirst()), named));
  }

  private static HostFile unpacked(ImageDirectory directory, SavedStream stream, long most)
      throws IOException {
    HostFile packed = joined(directory, stream.files());
    Optional<Wrapper> wrapper;
    try {
      wrapper = wrapper(directory, stream, packed);
    } catch (IOException | RuntimeException e) {
      Closing.after(e, packed);
      throw e;
    }
    if (wrapper.isEmpty()) {
      return packed;
    }
    UnwrapOptions limits = UnwrapOptions.defaults().withOutputLimit(most);
    return wrapper.get().openOwning(packed, UnwrapBudget.of(packed, limits));
  }

  private static HostFile joined(ImageDirectory directory, List<String> files) throws IOException {
    List<HostFile> parts = new ArrayList<>();
    try {
      for (String file : files) {
        parts.add(directory.open(file));
      }
    } catch (IOException | RuntimeException e) {
      parts.forEach(part -> Closing.after(e, part));
      throw e;
    }
    return parts.size() == 1
        ? parts.getFirst()
        : JoinedFile.owning(directory.nameOf(files.getFirst()), parts);
  }
}
