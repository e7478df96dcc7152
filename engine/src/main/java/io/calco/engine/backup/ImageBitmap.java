package io.calco.engine.backup;

import io.calco.backup.Origin;
import io.calco.backup.RestorePoint;
import io.calco.backup.Since;
import io.calco.disk.DirtyBitmaps;
import io.calco.disk.DirtyBitmaps.DirtyBitmap;
import io.calco.disk.DirtyBitmaps.Recording;
import io.calco.disk.DiskException;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.LimitExceededException;
import io.calco.engine.ImageChanges;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// A dirty bitmap in an image that follows what is written to it from a restore point on: named
/// after the repository and the point, added before anything is read for the point, so that it has
/// at least all that was written since. Taken away again when there is no point.
///
/// What is relied upon: whoever writes to the image keeps its bitmaps, or clears their autoclear
/// bit, as the format has it, or leaves them marked as in use. Confined.
final class ImageBitmap implements AutoCloseable {
  private static final String PREFIX = "calco-";

  private final Path file;
  private final ImageOptions options;
  private final String prefix;
  private final String name;
  private boolean kept;

  private ImageBitmap(Path file, ImageOptions options, UUID store, UUID point) {
    this.file = file;
    this.options = options;
    this.prefix = prefix(store);
    this.name = prefix + point;
  }

  private static String prefix(UUID store) {
    return PREFIX + store + "-";
  }

  /// Adds one for a point that is to be made.
  ///
  /// @param store the repository's identity
  /// @throws io.calco.disk.UnsupportedFeatureException when images of this format have none
  /// @throws io.calco.disk.DiskInUseException when somebody has the image open
  static ImageBitmap add(Path file, ImageOptions options, UUID store, UUID point)
      throws IOException {
    ImageBitmap made = new ImageBitmap(file, options, store, point);
    ImageChanges.changeBitmaps(
        file,
        options,
        bitmaps -> bitmaps.add(made.name, DirtyBitmaps.DEFAULT_GRANULARITY, Recording.ENABLED));
    return made;
  }

  /// Keeps it, as the point is there, and takes away those of the repository's earlier points.
  void keep() throws IOException {
    kept = true;
    ImageChanges.changeBitmaps(
        file,
        options,
        bitmaps -> {
          for (DirtyBitmap bitmap : bitmaps.list()) {
            if (bitmap.name().startsWith(prefix) && !bitmap.name().equals(name)) {
              bitmaps.remove(bitmap.name());
            }
          }
        });
  }

  @Override
  public void close() throws IOException {
    if (!kept) {
      ImageChanges.changeBitmaps(file, options, bitmaps -> bitmaps.remove(name));
    }
  }

  /// The newest point of this repository that a bitmap of the image follows, and what it has
  /// marked. Only one that was made of the image in the same place counts.
  ///
  /// @param origin where the image's bytes come from
  /// @return empty when all must be read
  static Optional<Since> find(Image image, BackupRepository repository, Origin origin)
      throws IOException {
    String prefix = prefix(repository.store().id());
    try {
      Optional<DirtyBitmaps> bitmaps = image.bitmaps();
      if (bitmaps.isEmpty() || image.backing().isPresent() || hasDataFile(image)) {
        return Optional.empty();
      }
      List<String> trusted =
          bitmaps.get().list().stream()
              .filter(bitmap -> bitmap.consistent() && bitmap.recording() == Recording.ENABLED)
              .map(DirtyBitmap::name)
              .filter(name -> name.startsWith(prefix))
              .toList();
      if (trusted.isEmpty()) {
        return Optional.empty();
      }
      for (RestorePoint point : repository.points().list().points().reversed()) {
        String name = prefix + point.id();
        if (trusted.contains(name) && isOf(point.origin(), origin)) {
          return Optional.of(
              new Since(repository.points().earlier(point), marked(bitmaps.get(), name)));
        }
      }
      return Optional.empty();
    } catch (DiskException unreadable) {
      return Optional.empty();
    }
  }

  /// Its bytes could be changed past the image.
  private static boolean hasDataFile(Image image) throws IOException {
    return image.info().specific().containsKey("data-file");
  }

  private static boolean isOf(Origin made, Origin now) {
    return made.kind() == Origin.Kind.IMAGE
        && made.state() == Origin.State.AT_REST
        && made.host().equals(now.host())
        && made.source().equals(now.source());
  }

  private static List<DirtyBitmaps.Run> marked(DirtyBitmaps bitmaps, String name)
      throws IOException {
    List<DirtyBitmaps.Run> runs = new ArrayList<>();
    bitmaps.forEachDirty(
        name,
        run -> {
          if (runs.size() == DirtyBitmaps.MERGED_RUNS_MAX) {
            throw new LimitExceededException(
                "bitmap %s has more than %d runs".formatted(name, DirtyBitmaps.MERGED_RUNS_MAX));
          }
          runs.add(run);
        });
    return runs;
  }
}
