package io.calco.engine.images;

import io.calco.catalog.CachedImage;
import io.calco.catalog.CachedImage.State;
import io.calco.catalog.ImageCatalog;
import io.calco.catalog.ImageData;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Images whose content is kept at hand. What a store has is at hand anyway, and is only listed; of
/// what lies on the web a copy is made, which is read from then on. Nothing is cached unasked.
///
/// Whatever is queued waits a second, in which it can be taken back, and is then done one by one.
///
/// Thread rule: safe for several threads.
public final class ImageCache implements AutoCloseable {
  private static final Logger LOG = System.getLogger(ImageCache.class.getName());
  private static final Duration WAIT = Duration.ofSeconds(1);

  private final ImageCatalog catalog;
  private final Images images;
  private final ContentStores contents;
  private final ReentrantLock starting = new ReentrantLock();
  private @Nullable Thread worker;
  private boolean closed;

  ImageCache(ImageCatalog catalog, Images images, ContentStores contents) {
    this.catalog = catalog;
    this.images = images;
    this.contents = contents;
  }

  /// What is cached, and what is to be.
  public List<CachedImage> list(Caller caller) throws IOException {
    requireAdmin(caller);
    return catalog.cachedImages();
  }

  private static void requireAdmin(Caller caller) {
    ImagePolicy.requireAdmin(caller, "You are not authorized to manage the image cache.");
  }

  /// Asks for an image to be kept at hand.
  ///
  /// @throws OperationException USAGE when it is not active
  public void queue(Caller caller, String id) throws IOException {
    ImageEntry image = images.get(caller, id);
    requireAdmin(caller);
    if (image.status() != Status.ACTIVE) {
      throw ImageAttributes.usage("Only images with status active can be targeted for queueing");
    }
    if (catalog.findCached(id).isEmpty()) {
      catalog.putCached(new CachedImage(id, State.QUEUED, "", 0, 0, Instant.EPOCH, now()));
    }
    start();
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }

  /// Keeps an image at hand no longer, or takes it out of the queue.
  ///
  /// @throws OperationException NOT_FOUND when there is neither the image nor a copy
  public void remove(Caller caller, String id) throws IOException {
    boolean known = catalog.findCached(id).isPresent();
    if (!known) {
      images.get(caller, id);
    }
    requireAdmin(caller);
    drop(id);
  }

  private void drop(String id) throws IOException {
    Optional<CachedImage> known = catalog.deleteCached(id);
    if (known.isPresent() && !known.get().blob().isEmpty()) {
      contents.release(known.get().blob());
    }
  }

  /// Keeps nothing at hand any more of these.
  ///
  /// @param states of which
  public void clear(Caller caller, List<State> states) throws IOException {
    requireAdmin(caller);
    for (CachedImage each : catalog.cachedImages()) {
      if (states.contains(each.state())) {
        drop(each.imageId());
      }
    }
  }

  /// Clears away what belongs to images that are gone.
  public void clean(Caller caller) throws IOException {
    requireAdmin(caller);
    for (CachedImage each : catalog.cachedImages()) {
      if (images.find(each.imageId()).isEmpty()) {
        drop(each.imageId());
      }
    }
  }

  /// Makes room. There is no limit, so there is always room.
  public void prune(Caller caller) {
    requireAdmin(caller);
  }

  /// The copy of an image's content, counted as used.
  Optional<String> copy(String id) throws IOException {
    Optional<String> copy =
        catalog.findCached(id).map(CachedImage::blob).filter(blob -> !blob.isEmpty());
    if (copy.isPresent()) {
      catalog.hitCached(id);
    }
    return copy;
  }

  /// Begins with what is queued, if anything is.
  void start() {
    starting.lock();
    try {
      if (worker == null && !closed) {
        worker = Thread.ofVirtual().name("image cache").start(this::work);
      }
    } finally {
      starting.unlock();
    }
  }

  private void work() {
    try {
      while (true) {
        Thread.sleep(WAIT);
        Optional<CachedImage> next = nextQueued();
        if (next.isPresent()) {
          fetch(next.get());
        } else if (ended()) {
          return;
        }
      }
    } catch (InterruptedException e) {
      LOG.log(Level.DEBUG, "the image cache is stopped");
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.WARNING, "the image cache stops until something is queued", e);
      forgetWorker();
    }
  }

  private Optional<CachedImage> nextQueued() throws IOException {
    Instant old = Instant.now().minus(WAIT);
    return catalog.cachedImages().stream()
        .filter(each -> each.state() == State.QUEUED && each.lastModified().isBefore(old))
        .findFirst();
  }

  private boolean ended() throws IOException {
    starting.lock();
    try {
      boolean none =
          catalog.cachedImages().stream().noneMatch(each -> each.state() == State.QUEUED);
      if (none) {
        worker = null;
      }
      return none;
    } finally {
      starting.unlock();
    }
  }

  private void forgetWorker() {
    starting.lock();
    try {
      worker = null;
    } finally {
      starting.unlock();
    }
  }

  private void fetch(CachedImage queued) throws IOException {
    String id = queued.imageId();
    try {
      Optional<ImageData> data =
          images
              .find(id)
              .filter(image -> image.status() == Status.ACTIVE)
              .flatMap(ImageEntry::data);
      if (data.isEmpty()) {
        drop(id);
        return;
      }
      boolean stored = data.get().places().stream().anyMatch(place -> !ContentStores.isWeb(place));
      String blob = stored ? "" : copyOf(data.get());
      keep(new CachedImage(id, State.CACHED, blob, data.get().size(), 0, Instant.EPOCH, now()));
    } catch (IOException | OperationException e) {
      LOG.log(Level.WARNING, () -> "image %s was not cached".formatted(id), e);
      drop(id);
    }
  }

  private String copyOf(ImageData data) throws IOException {
    return new ImportStores(images, contents).copy(data, contents.usual()).place();
  }

  /// Unless it was taken back meanwhile, or the image is gone.
  private void keep(CachedImage cached) throws IOException {
    boolean wanted =
        images.find(cached.imageId()).isPresent()
            && catalog.findCached(cached.imageId()).isPresent();
    if (wanted) {
      catalog.putCached(cached);
    } else if (!cached.blob().isEmpty()) {
      contents.release(cached.blob());
    }
  }

  /// @throws OperationException always: only one server keeps what this cache has
  public void refuseNodes(Caller caller) {
    requireAdmin(caller);
    throw new OperationException(Kind.REFUSED, "Centralized caching is not enabled");
  }

  /// Stops what goes on; it is done again when the service is opened again.
  @Override
  public void close() {
    Thread running;
    starting.lock();
    try {
      closed = true;
      running = worker;
    } finally {
      starting.unlock();
    }
    if (running != null) {
      running.interrupt();
      try {
        running.join(Duration.ofSeconds(10));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
