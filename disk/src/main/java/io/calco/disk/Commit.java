package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;

/// Writes an overlay's own data into its backing image.
///
/// The backing image grows when the overlay is larger, and never shrinks. It is changed in place:
/// cut off, it holds a part of the overlay's bytes, and the overlay, which still has all of them,
/// shows its guest what it did before; committing again completes it. Any *other* image that rests
/// on the backing image sees it change, and is broken by that.
public final class Commit {
  private static final int PIECE = 1 << 20;

  /// What becomes of the overlay.
  public enum Overlay {
    /// It keeps its data, which is in the backing image too.
    KEPT,
    /// Once the backing image is on the medium, it gives its data up and shows the backing image.
    EMPTIED
  }

  private Commit() {}

  /// Commits `overlay` into the image that it names as its backing image.
  ///
  /// @param options how the overlay is opened; the policy holds for the backing image too
  /// @return the backing image
  /// @throws UnsupportedFeatureException when there is no backing image, its format is not stated,
  ///   or it cannot be written
  public static Path run(Path overlay, ImageOptions options, Overlay after, JobContext job)
      throws IOException {
    ImageOptions.Access access =
        after == Overlay.EMPTIED ? ImageOptions.Access.WRITE : ImageOptions.Access.READ;
    try (Image top = Image.openAlone(overlay, options.with(access))) {
      BackingReference reference =
          top.info()
              .backing()
              .orElseThrow(
                  () -> new UnsupportedFeatureException(overlay + ": has no backing image"));
      if (reference.format().isEmpty()) {
        throw new UnsupportedFeatureException(
            "%s: the format of the backing image \"%s\" is not stated"
                .formatted(overlay, OpenPolicy.printable(reference.name())));
      }
      Path path = options.policy().resolve(overlay, "backing image", reference.name());
      ImageOptions writing =
          new ImageOptions(
              reference.format(),
              ImageOptions.Access.WRITE,
              options.policy(),
              Optional.empty(),
              options.passphrase());
      try (Image base = Image.open(path, writing)) {
        if (base.disk().size() < top.disk().size()) {
          base.disk().resize(top.disk().size());
        }
        copy(top, base.disk(), job);
        base.disk().sync();
      }
      if (after == Overlay.EMPTIED) {
        top.empty();
        top.disk().sync();
      }
      return path;
    }
  }

  private static void copy(Image top, Disk base, JobContext job) throws IOException {
    long size = top.disk().size();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(PIECE, 4096);
      for (long at = 0; at < size; ) {
        job.checkCancelled();
        job.progress("committing", at, size);
        Mapping run = top.formatDisk().mapHere(at, size - at);
        long length = run.length();
        switch (run) {
          case Mapping.Unallocated none -> {}
          case Mapping.Zero zero -> base.writeZeroes(at, length, ZeroMode.MAY_UNMAP);
          case Mapping.Data data -> length = copyData(top.disk(), base, at, length, buffer);
          case Mapping.Compressed packed -> length = copyData(top.disk(), base, at, length, buffer);
        }
        at += length;
      }
    }
    job.progress("committing", size, size);
  }

  /// Copies the beginning of a run; how much of it.
  private static long copyData(Disk top, Disk base, long at, long runLength, MemorySegment buffer)
      throws IOException {
    Extent extent = top.extentAt(at, runLength);
    if (extent.readsZero()) {
      base.writeZeroes(at, extent.length(), ZeroMode.MAY_UNMAP);
      return extent.length();
    }
    long length = Math.min(extent.length(), PIECE - at % PIECE);
    MemorySegment piece = buffer.asSlice(0, length);
    top.read(at, piece);
    base.write(at, piece);
    return length;
  }
}
