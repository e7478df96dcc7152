package io.calco.engine.images;

import io.calco.catalog.ImageData;
import io.calco.catalog.ImageEntry;
import io.calco.engine.identity.Caller;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;

/// Where the blocks in use lie in images' file systems, for a picture. Looked at when somebody asks
/// for it, for a few seconds at the most, and remembered: content never changes.
///
/// Thread rule: safe for several threads.
public final class ImageMaps {
  private static final Logger LOG = System.getLogger(ImageMaps.class.getName());

  private static final int REMEMBERED = 500;
  private static final int AT_ONCE = 2;
  private static final Duration MOST = Duration.ofSeconds(4);

  private final Images images;
  private final ImageContents contents;
  private final Semaphore running = new Semaphore(AT_ONCE, true);
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, List<VolumeFilling>> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, List<VolumeFilling>> eldest) {
          return size() > REMEMBERED;
        }
      };

  ImageMaps(Images images, ImageContents contents) {
    this.images = images;
    this.contents = contents;
  }

  /// The file systems of an image that can be read; none while it has no content, or where that
  /// takes too long.
  public List<VolumeFilling> of(Caller caller, String id) throws IOException {
    ImageEntry image = images.get(caller, id);
    Optional<ImageData> content = image.content();
    if (content.isEmpty() || !ImageDisks.isDisk(image.facts())) {
      return List.of();
    }
    String blob = content.get().blob();
    Optional<List<VolumeFilling>> remembered = remembered(blob);
    if (remembered.isPresent()) {
      return remembered.get();
    }
    running.acquireUninterruptibly();
    try {
      List<VolumeFilling> found = remembered(blob).orElseGet(() -> look(image));
      remember(blob, found);
      return found;
    } finally {
      running.release();
    }
  }

  private Optional<List<VolumeFilling>> remembered(String blob) {
    lock.lock();
    try {
      return Optional.ofNullable(known.get(blob));
    } finally {
      lock.unlock();
    }
  }

  private void remember(String blob, List<VolumeFilling> found) {
    lock.lock();
    try {
      known.put(blob, found);
    } finally {
      lock.unlock();
    }
  }

  private List<VolumeFilling> look(ImageEntry image) {
    try {
      return VolumeMaps.ofOwning(
          ImageDisks.openOwning(
              new WatchedFile(contents.open(image.data().orElseThrow().blob()), MOST, () -> false),
              image.facts()));
    } catch (IOException | RuntimeException e) {
      LOG.log(
          Level.DEBUG, () -> "image %s was not mapped: %s".formatted(image.id(), e.getMessage()));
      return List.of();
    }
  }
}
