package io.calco.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Copies of whole files on this host.
public final class FileCopy {
  private FileCopy() {}

  /// How a copy was made.
  public enum Way {
    /// It shares the source's blocks until one of the two is written; takes no time.
    REFLINK,
    /// Byte by byte; holes and zeroes are holes in the copy.
    SPARSE_COPY
  }

  /// Copies a file to a name that must be free: by reflink where both lie on one file system that
  /// has them, else sparsely. The copy is on its way to the medium, not there: see [BesideFile].
  ///
  /// The source is locked against writers meanwhile, as an image.
  ///
  /// @throws DiskInUseException when somebody has the source open as an image for writing
  public static Way copy(Path source, Path target, JobContext job) throws IOException {
    try (LocalFile from = LocalFile.open(source, false)) {
      from.lock(ImageLock.READ);
      try (LocalFile to = LocalFile.create(target)) {
        if (to.cloneOf(from)) {
          return Way.REFLINK;
        }
        to.truncate(from.size());
      }
      try {
        copyBytes(source, target, job);
      } catch (IOException | RuntimeException e) {
        Files.deleteIfExists(target);
        throw e;
      }
      return Way.SPARSE_COPY;
    }
  }

  private static void copyBytes(Path source, Path target, JobContext job) throws IOException {
    ImageOptions raw = ImageOptions.reading().withFormat("raw").with(OpenPolicy.denyAll());
    try (Image from = Image.open(source, raw);
        Image to = Image.open(target, raw.with(ImageOptions.Access.WRITE))) {
      CopyOptions options = CopyOptions.toNew(to, "copy");
      DiskCopy.copy(from.disk(), to.disk(), options, job);
    }
  }
}
