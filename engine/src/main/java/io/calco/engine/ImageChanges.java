package io.calco.engine;

import io.calco.disk.BackingReference;
import io.calco.disk.Commit;
import io.calco.disk.CreateOptions;
import io.calco.disk.DirtyBitmaps;
import io.calco.disk.Disk;
import io.calco.disk.FormatInfo;
import io.calco.disk.Image;
import io.calco.disk.ImageFormats;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.InternalSnapshots;
import io.calco.disk.JobContext;
import io.calco.disk.MeasuredSize;
import io.calco.disk.RateLimit;
import io.calco.disk.Rebase;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Changes of an image that keep it the image it is: what it rests on, its internal snapshots and
/// its dirty bitmaps. Stateless.
public final class ImageChanges {
  private ImageChanges() {}

  /// How an overlay gets another backing image.
  public enum RebaseMode {
    /// What differs is copied, so that the guest sees the same.
    SAFE,
    /// Only the header is changed: the images are known to be the same.
    UNSAFE
  }

  /// Changes options that an image was created with, under qemu-img's names.
  ///
  /// @throws UnsupportedFeatureException when one cannot be changed, or not to that value; nothing
  ///   was changed
  public static void amend(
      Path file, ImageOptions options, Map<String, String> changes, JobContext job)
      throws IOException {
    Image.amend(file, options, changes, job);
  }

  /// Puts an overlay on another backing image, or on none.
  public static void rebase(
      Path overlay,
      ImageOptions options,
      Optional<BackingReference> backing,
      RebaseMode mode,
      JobContext job)
      throws IOException {
    switch (mode) {
      case SAFE -> Rebase.safely(overlay, options, backing, job);
      case UNSAFE -> Rebase.unsafely(overlay, options, backing);
    }
  }

  /// Writes an overlay's data into its backing image, or into one further down.
  ///
  /// @param base the one further down
  /// @return the image that was written
  public static Path commit(
      Path overlay,
      ImageOptions options,
      Optional<Path> base,
      Commit.Overlay after,
      RateLimit rate,
      JobContext job)
      throws IOException {
    return Commit.run(overlay, options, base, after, rate, job);
  }

  /// The internal snapshots of an image.
  public static List<FormatInfo.Snapshot> snapshots(Path file, ImageOptions options)
      throws IOException {
    try (Image image = Image.open(file, options.with(Access.METADATA))) {
      return image.info().snapshots();
    }
  }

  /// Work on the snapshots of an image that is open for it.
  public interface SnapshotWork {
    /// Does it; what it was done to.
    FormatInfo.Snapshot on(InternalSnapshots snapshots) throws IOException;
  }

  /// Creates, applies or deletes a snapshot.
  public static FormatInfo.Snapshot changeSnapshots(
      Path file, ImageOptions options, SnapshotWork work) throws IOException {
    try (Image image = Image.open(file, options.with(Access.WRITE))) {
      InternalSnapshots snapshots =
          image
              .snapshots()
              .orElseThrow(() -> unsupported(file, image.format(), "internal snapshots"));
      FormatInfo.Snapshot done = work.on(snapshots);
      image.disk().sync();
      return done;
    }
  }

  /// Work on the bitmaps of an image that is open for it.
  public interface BitmapWork {
    /// Does it.
    void on(DirtyBitmaps bitmaps) throws IOException;
  }

  /// Changes the dirty bitmaps of an image.
  public static void changeBitmaps(Path file, ImageOptions options, BitmapWork work)
      throws IOException {
    try (Image image = Image.open(file, options.with(Access.WRITE))) {
      work.on(bitmaps(file, image));
      image.disk().sync();
    }
  }

  /// Merges a bitmap of another image.
  public static void mergeBitmap(
      Path file,
      ImageOptions options,
      String target,
      Path source,
      ImageOptions sourceOptions,
      String name)
      throws IOException {
    try (Image from = Image.open(source, sourceOptions.with(Access.METADATA))) {
      DirtyBitmaps theirs = bitmaps(source, from);
      changeBitmaps(file, options, own -> own.merge(target, theirs, name));
    }
  }

  private static DirtyBitmaps bitmaps(Path file, Image image) throws IOException {
    return image.bitmaps().orElseThrow(() -> unsupported(file, image.format(), "dirty bitmaps"));
  }

  private static UnsupportedFeatureException unsupported(Path file, String format, String what) {
    return new UnsupportedFeatureException(
        "%s: %s images have no %s; qcow2 images do".formatted(file, format, what));
  }

  /// How large an image file would be that holds what this one's guest sees.
  public static MeasuredSize measure(
      Path file, ImageOptions options, String format, CreateOptions layout) throws IOException {
    try (Image image = Image.open(file, options.with(Access.READ))) {
      CreateOptions sized =
          new CreateOptions(
              image.disk().size(), layout.backing(), layout.options(), layout.passphrase());
      return ImageFormats.get(format).measure(image.disk(), sized);
    }
  }

  /// How large the file of a new, empty image would be.
  public static MeasuredSize measure(String format, CreateOptions layout) throws IOException {
    try (Disk blank = Disk.blank(layout.size())) {
      return ImageFormats.get(format).measure(blank, layout);
    }
  }
}
