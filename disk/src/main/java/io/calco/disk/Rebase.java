package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Puts an overlay on another backing image, or on none.
///
/// Safely: the guest sees the same bytes afterwards. What the two backing images hold differently,
/// where the overlay has no data of its own, is copied into the overlay first; then, when that is
/// on the medium, the overlay's header is changed. Cut off before, the overlay is on its old
/// backing image and whole.
///
/// Unsafely: the header alone is changed, and the caller knows that the images are the same (moved,
/// renamed, converted).
public final class Rebase {
  private static final int PIECE = 1 << 20;

  private final Image overlay;
  private final Optional<Image> target;
  private final JobContext job;

  private Rebase(Image overlay, Optional<Image> target, JobContext job) {
    this.overlay = overlay;
    this.target = target;
    this.job = job;
  }

  /// Changes what `overlay` rests on without changing what its guest sees.
  ///
  /// @param options how the overlay is opened; the policy holds for what it rests on now and for
  ///   what the new backing image rests on
  /// @param backing the new backing image, named as the overlay will name it, its format stated; or
  ///   none, and everything is copied into the overlay
  /// @throws UnsupportedFeatureException when a format is not stated
  /// @throws CorruptImageException when the new backing image rests on the overlay
  public static void safely(
      Path overlay, ImageOptions options, Optional<BackingReference> backing, JobContext job)
      throws IOException {
    checkStated(overlay, backing);
    try (Image image = Image.open(overlay, options.with(ImageOptions.Access.WRITE))) {
      checkStated(overlay, image.info().backing());
      if (backing.isEmpty()) {
        new Rebase(image, Optional.empty(), job).copy();
      } else {
        try (Image below = openTarget(overlay, options, backing.get())) {
          new Rebase(image, Optional.of(below), job).copy();
        }
      }
      image.disk().sync();
      image.changeBacking(backing);
      image.disk().sync();
    }
  }

  /// Changes what the overlay says it rests on, and nothing else.
  ///
  /// @param backing as it will be named, its format stated; need not be there
  public static void unsafely(
      Path overlay, ImageOptions options, Optional<BackingReference> backing) throws IOException {
    checkStated(overlay, backing);
    try (Image image = Image.open(overlay, options.with(ImageOptions.Access.EDIT))) {
      image.changeBacking(backing);
      image.disk().sync();
    }
  }

  /// What a guest wrote into a raw backing image could else be taken for another format's header.
  private static void checkStated(Path overlay, Optional<BackingReference> backing)
      throws IOException {
    if (backing.isPresent() && backing.get().format().isEmpty()) {
      throw new UnsupportedFeatureException(
          "%s: the format of the backing image \"%s\" is not stated"
              .formatted(overlay, OpenPolicy.printable(backing.get().name())));
    }
  }

  private static Image openTarget(Path overlay, ImageOptions options, BackingReference backing)
      throws IOException {
    Path path = overlay.toAbsolutePath().resolveSibling(backing.name());
    ImageOptions reading =
        new ImageOptions(
            backing.format(),
            ImageOptions.Access.READ,
            options.policy(),
            Optional.empty(),
            options.passphrase());
    Image below = Image.open(path, reading);
    try {
      Path own = overlay.toRealPath();
      for (Image image : below.chain()) {
        if (image.path().toRealPath().equals(own)) {
          throw new CorruptImageException(
              "%s: cannot rest on %s, which rests on it".formatted(overlay, path));
        }
      }
      return below;
    } catch (IOException | RuntimeException e) {
      below.close();
      throw e;
    }
  }

  /// Copies what would change into the overlay.
  private void copy() throws IOException {
    long size = overlay.disk().size();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment before = arena.allocate(PIECE, 4096);
      MemorySegment after = arena.allocate(PIECE, 4096);
      for (long at = 0; at < size; ) {
        job.checkCancelled();
        job.progress("rebasing", at, size);
        Mapping run = overlay.formatDisk().mapHere(at, size - at);
        if (run instanceof Mapping.Unallocated) {
          copyRun(at, at + run.length(), before, after);
        }
        at += run.length();
      }
    }
    job.progress("rebasing", size, size);
  }

  private void copyRun(long from, long to, MemorySegment before, MemorySegment after)
      throws IOException {
    for (long at = from; at < to; ) {
      Source old = source(overlay.backing(), at, to - at);
      Source next = source(target, at, old.length());
      long length = next.length();
      if (!old.sameAs(next)) {
        if (old.zero()) {
          hideBelow(at, at + length, before);
        } else {
          length = Math.min(length, PIECE);
          copyPiece(at, before.asSlice(0, length), after.asSlice(0, length));
        }
      }
      at += length;
    }
  }

  /// Makes a run of zeroes the overlay's own. Zeroes that show through from below count as written,
  /// so bytes must be written where marks cannot be set: in a part of a unit, or in a format that
  /// has none.
  private void hideBelow(long from, long to, MemorySegment buffer) throws IOException {
    overlay.disk().writeZeroes(from, to - from, ZeroMode.MAY_UNMAP);
    buffer.fill((byte) 0);
    for (long at = from; at < to; ) {
      Mapping run = overlay.formatDisk().mapHere(at, to - at);
      long length = Math.min(run.length(), buffer.byteSize());
      if (run instanceof Mapping.Unallocated) {
        overlay.disk().write(at, buffer.asSlice(0, length));
      }
      at += length;
    }
  }

  /// Writes the units that differ, so that what is the same stays below.
  private void copyPiece(long at, MemorySegment before, MemorySegment after) throws IOException {
    read(overlay.backing(), at, before);
    read(target, at, after);
    int unit = overlay.unitLength();
    for (long done = 0; done < before.byteSize(); ) {
      long part = Math.min(unit - (at + done) % unit, before.byteSize() - done);
      MemorySegment piece = before.asSlice(done, part);
      if (piece.mismatch(after.asSlice(done, part)) >= 0) {
        overlay.disk().write(at + done, piece);
      }
      done += part;
    }
  }

  /// Beyond the end of a backing image, and without one, the guest sees zeroes.
  private static void read(Optional<Image> image, long at, MemorySegment dst) throws IOException {
    long size = image.map(i -> i.disk().size()).orElse(0L);
    long present = Math.clamp(size - at, 0, dst.byteSize());
    if (present > 0) {
      image.orElseThrow().disk().read(at, dst.asSlice(0, present));
    }
    dst.asSlice(present).fill((byte) 0);
  }

  /// Where a run's bytes come from.
  ///
  /// @param file the image file that holds them, if one does as they are
  private record Source(long length, boolean zero, Optional<Path> file, OptionalLong hostOffset) {

    /// True when both surely are the same bytes.
    boolean sameAs(Source other) {
      return zero && other.zero
          || !zero
              && !other.zero
              && hostOffset.isPresent()
              && hostOffset.equals(other.hostOffset)
              && file.equals(other.file);
    }
  }

  private static Source source(Optional<Image> image, long at, long length) throws IOException {
    long size = image.map(i -> i.disk().size()).orElse(0L);
    if (at >= size) {
      return new Source(length, true, Optional.empty(), OptionalLong.empty());
    }
    List<Image> chain = image.orElseThrow().chain();
    MapEntry entry = MapEntry.at(chain, at, Math.min(length, size - at));
    Optional<Path> file = Optional.empty();
    if (entry.file().isPresent() && entry.hostOffset().isPresent()) {
      file = Optional.of(entry.file().get().path().toRealPath());
    }
    return new Source(entry.length(), entry.zero(), file, entry.hostOffset());
  }
}
