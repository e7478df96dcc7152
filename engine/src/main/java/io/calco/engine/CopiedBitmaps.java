package io.calco.engine;

import io.calco.disk.DirtyBitmaps;
import io.calco.disk.DirtyBitmaps.DirtyBitmap;
import io.calco.disk.DirtyBitmaps.Recording;
import io.calco.disk.Image;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The dirty bitmaps that a copy of an image gets: those of the source's top image.
///
/// @param wanted the bitmaps, each consistent
record CopiedBitmaps(Optional<DirtyBitmaps> source, List<DirtyBitmap> wanted) {

  /// Chooses them, before anything is copied.
  ///
  /// @throws OperationException when there are several sources, or a bitmap that must be copied is
  ///   not consistent
  static CopiedBitmaps of(List<Image> sources, ImageConversion.Bitmaps which) throws IOException {
    if (which == ImageConversion.Bitmaps.NONE) {
      return new CopiedBitmaps(Optional.empty(), List.of());
    }
    if (sources.size() > 1) {
      throw new OperationException(
          OperationException.Kind.USAGE, "bitmaps are copied from one source only");
    }
    Image image = sources.getFirst();
    DirtyBitmaps all =
        image
            .bitmaps()
            .orElseThrow(() ->
                new OperationException(
                    OperationException.Kind.UNSUPPORTED,
                    "%s: %s images have no dirty bitmaps".formatted(image.path(), image.format())));
    List<DirtyBitmap> wanted = new ArrayList<>();
    for (DirtyBitmap bitmap : all.list()) {
      if (bitmap.consistent()) {
        wanted.add(bitmap);
      } else if (which == ImageConversion.Bitmaps.ALL) {
        throw new OperationException(
            OperationException.Kind.REFUSED,
            "%s: bitmap \"%s\" is not consistent: it was in use and not closed"
                .formatted(image.path(), bitmap.name()),
            "add --skip-broken-bitmaps, or remove it with calco disk bitmap --remove");
      }
    }
    return new CopiedBitmaps(Optional.of(all), wanted);
  }

  /// Refuses a target that cannot have them.
  void requireRoom(Image target) {
    if (source.isPresent() && target.bitmaps().isEmpty()) {
      throw new OperationException(
          OperationException.Kind.UNSUPPORTED,
          "%s images have no dirty bitmaps; qcow2 images do".formatted(target.format()));
    }
  }

  /// Adds them to a target whose guest bytes are all there: the copy itself marks nothing.
  void copy(Image target) throws IOException {
    for (DirtyBitmap bitmap : wanted) {
      DirtyBitmaps own = target.bitmaps().orElseThrow();
      own.add(bitmap.name(), bitmap.granularity(), Recording.DISABLED);
      own.merge(bitmap.name(), source.orElseThrow(), bitmap.name());
      if (bitmap.recording() == Recording.ENABLED) {
        own.setRecording(bitmap.name(), Recording.ENABLED);
      }
    }
  }
}
