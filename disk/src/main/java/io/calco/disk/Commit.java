package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

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
  ///   it cannot be written, or the overlay would not know it any more
  public static Path run(Path overlay, ImageOptions options, Overlay after, JobContext job)
      throws IOException {
    return run(overlay, options, Optional.empty(), after, RateLimit.of(OptionalLong.empty()), job);
  }

  /// Commits `overlay`, and what lies between, into an image of its chain. The images between are
  /// then broken, as all others that rest on that image are.
  ///
  /// @param base the image to write, below the overlay; empty for the one right below
  /// @param after with a deeper base, [Overlay#KEPT]: the overlay rests on a broken image
  /// @param rate how fast is read
  /// @return the image that was written
  /// @throws UnsupportedFeatureException likewise, or when `base` is not below the overlay
  public static Path run(
      Path overlay,
      ImageOptions options,
      Optional<Path> base,
      Overlay after,
      RateLimit rate,
      JobContext job)
      throws IOException {
    ImageOptions.Access access =
        after == Overlay.EMPTIED ? ImageOptions.Access.WRITE : ImageOptions.Access.READ;
    try (Image top = Image.openAlone(overlay, options.with(access))) {
      List<Image> levels = new ArrayList<>(List.of(top));
      try {
        Path path = descend(levels, options, base);
        write(levels, path, options, rate, job);
        if (after == Overlay.EMPTIED) {
          top.empty();
          top.disk().sync();
        }
        return path;
      } finally {
        close(levels.subList(1, levels.size()));
      }
    }
  }

  /// Opens what lies between the top and the base; the base's path.
  private static Path descend(List<Image> levels, ImageOptions options, Optional<Path> base)
      throws IOException {
    while (true) {
      Image above = levels.getLast();
      BackingReference reference = reference(above, base);
      Path path = options.policy().resolve(above.path(), "backing image", reference.name());
      if (base.isEmpty() || Files.isSameFile(path, base.get())) {
        return path;
      }
      if (levels.size() == Image.CHAIN_LIMIT) {
        throw new LimitExceededException(
            "%s: more than %d images rest on each other (our limit)"
                .formatted(above.path(), Image.CHAIN_LIMIT));
      }
      levels.add(Image.openAlone(path, below(options, reference, ImageOptions.Access.READ)));
    }
  }

  private static BackingReference reference(Image above, Optional<Path> base) throws IOException {
    BackingReference reference =
        above
            .info()
            .backing()
            .orElseThrow(() ->
                new UnsupportedFeatureException(
                    above.path()
                        + base.map(path -> ": rests on nothing, so not on " + path)
                            .orElse(": has no backing image")));
    if (reference.format().isEmpty()) {
      throw new UnsupportedFeatureException(
          "%s: the format of the backing image \"%s\" is not stated"
              .formatted(above.path(), OpenPolicy.printable(reference.name())));
    }
    if (reference.identity().isPresent()) {
      throw new UnsupportedFeatureException(
          above.path()
              + ": knows its backing image by an identity, which writing there would change;"
              + " convert it into an image of its own instead");
    }
    return reference;
  }

  private static ImageOptions below(
      ImageOptions options, BackingReference reference, ImageOptions.Access access) {
    return new ImageOptions(
        reference.format(), access, options.policy(), Optional.empty(), options.passphrase());
  }

  /// The lowest first, so that each level covers what is below it.
  private static void write(
      List<Image> levels, Path path, ImageOptions options, RateLimit rate, JobContext job)
      throws IOException {
    BackingReference reference = reference(levels.getLast(), Optional.empty());
    try (Image base = Image.open(path, below(options, reference, ImageOptions.Access.WRITE))) {
      for (int i = levels.size() - 1; i >= 0; i--) {
        Image level = levels.get(i);
        long size = level.disk().size();
        if (base.disk().size() < size) {
          base.disk().resize(size);
        }
        copy(level, base.disk(), rate, job);
        long above = i == 0 ? size : levels.get(i - 1).disk().size();
        if (above > size && base.disk().size() > size) {
          // A larger image above does not see through this one's end.
          long end = Math.min(above, base.disk().size());
          base.disk().writeZeroes(size, end - size, ZeroMode.MAY_UNMAP);
        }
      }
      base.disk().sync();
    }
  }

  private static void close(List<Image> images) throws IOException {
    for (Image image : images) {
      image.close();
    }
  }

  private static void copy(Image top, Disk base, RateLimit rate, JobContext job)
      throws IOException {
    long size = top.disk().size();
    Disk own = rate.limits() ? Disk.throttled(top.disk(), rate) : top.disk();
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
          case Mapping.Data data -> length = copyData(own, base, at, length, buffer);
          case Mapping.Compressed packed -> length = copyData(own, base, at, length, buffer);
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
