package io.calco.engine.images;

import io.calco.catalog.ImageCatalog;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.Undescribed;
import io.calco.disk.ThreadEnd;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What the stores note beside content follows the catalogue, in the background: the catalogue
/// marks each image that changes, whichever process changes it; here the marked ones are described
/// anew. However often an image changes meanwhile, it is described once; and what a killed process
/// left undone is done by the next.
///
/// A server does that every two seconds. A command does it when it ends, for what has changed since
/// it began.
///
/// Thread rule: safe for several threads.
final class ImageDescriptions implements AutoCloseable {
  private static final Logger LOG = System.getLogger(ImageDescriptions.class.getName());
  private static final Duration EVERY = Duration.ofSeconds(2);
  private static final Duration STOP = Duration.ofSeconds(10);

  /// A store that fails is not asked again and again.
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /// Between two looks at whether the work is to stop.
  private static final int AT_ONCE = 100;

  /// Another process may describe the same image, and be overtaken.
  private static final int TRIES = 5;

  private static final int ALIASES_MAX = 1000;

  private final ImageCatalog catalog;
  private final ImageContents contents;
  private final Map<String, Instant> failed = new HashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Undescribed since;
  private @Nullable Thread thread;

  private ImageDescriptions(ImageCatalog catalog, ImageContents contents, Undescribed since) {
    this.catalog = catalog;
    this.contents = contents;
    this.since = since;
  }

  /// Describes all that changes and has changed, until this is closed.
  static ImageDescriptions served(ImageCatalog catalog, ImageContents contents) {
    ImageDescriptions all = new ImageDescriptions(catalog, contents, Undescribed.NONE);
    all.thread = Thread.ofVirtual().name("descriptions").start(all::loop);
    return all;
  }

  /// Describes what changes from now on, when this is closed.
  static ImageDescriptions beside(ImageCatalog catalog, ImageContents contents) throws IOException {
    return new ImageDescriptions(catalog, contents, Undescribed.upTo(catalog.lastMark()));
  }

  private void loop() {
    try {
      while (!closing.await(EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
        describeAll();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the server ends
    }
  }

  /// Describes what has changed.
  synchronized void describeAll() {
    Undescribed after = since;
    try {
      for (List<Undescribed> some = catalog.undescribed(after, AT_ONCE);
          !some.isEmpty();
          some = catalog.undescribed(after, AT_ONCE)) {
        for (Undescribed changed : some) {
          describeQuietly(changed);
        }
        after = some.getLast();
        if (thread != null && closing.getCount() == 0) {
          return; // the next server goes on
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.WARNING, "which images changed could not be read", e);
    }
  }

  private void describeQuietly(Undescribed changed) {
    Instant before = failed.get(changed.imageId());
    if (before != null && before.plus(PATIENCE).isAfter(Instant.now())) {
      return;
    }
    try {
      describe(changed);
      failed.remove(changed.imageId());
    } catch (IOException | RuntimeException e) {
      failed.put(changed.imageId(), Instant.now());
      LOG.log(
          Level.WARNING,
          () -> "image %s is not described in the store".formatted(changed.imageId()),
          e);
    }
  }

  /// Where the image changed again, or somebody else described it, what was written may be old.
  private void describe(Undescribed changed) throws IOException {
    Optional<String> written = Optional.empty();
    for (int i = 0; i < TRIES; i++) {
      Optional<ImageEntry> image =
          catalog.find(changed.imageId()).filter(found -> found.content().isPresent());
      Optional<String> text = image.isPresent() ? Optional.of(text(image.get())) : Optional.empty();
      if (i > 0 && text.equals(written)) {
        return;
      }
      if (image.isPresent() && text.isPresent()) {
        for (String place : image.get().data().orElseThrow().places()) {
          contents.describe(place, text.get());
        }
      }
      written = text;
      if (catalog.describe(changed)) {
        return;
      }
    }
  }

  private String text(ImageEntry image) throws IOException {
    String name = image.facts().name();
    String family = ImageNames.family(image);
    List<String> targets =
        name.isEmpty()
            ? List.of(image.id())
            : List.of(image.id(), name, family, family + ":" + ImageNames.LATEST);
    return new ImageDescription(
            image,
            catalog.members(image.id()),
            catalog.aliasesOf(targets, ALIASES_MAX),
            catalog.findOrigin(image.id()))
        .text();
  }

  /// Ends; the last changes are described first.
  @Override
  public void close() {
    closing.countDown();
    if (thread != null) {
      ThreadEnd.await(List.of(thread), STOP);
    }
    describeAll();
  }
}
