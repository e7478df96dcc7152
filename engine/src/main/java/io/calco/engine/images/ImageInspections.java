package io.calco.engine.images;

import io.calco.catalog.ImageCatalog;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageInspection;
import io.calco.disk.HostFile;
import io.calco.disk.ThreadEnd;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/// What is in images: looked at once, in the background, when an image gets its content, and kept.
/// An upload never waits for it, and never fails by it.
///
/// Thread rule: safe for several threads.
public final class ImageInspections implements AutoCloseable {
  private static final Logger LOG = System.getLogger(ImageInspections.class.getName());

  /// They shall not slow uploads down.
  private static final int AT_ONCE = 2;

  /// Ours; a Debian takes a second, a Windows two.
  private static final Duration MOST = Duration.ofMinutes(2);

  private final ImageCatalog catalog;
  private final Images images;
  private final ImageContents contents;
  private final Semaphore running = new Semaphore(AT_ONCE, true);
  private final Map<String, Thread> begun = new ConcurrentHashMap<>();
  private volatile boolean closed;

  ImageInspections(ImageCatalog catalog, Images images, ImageContents contents) {
    this.catalog = catalog;
    this.images = images;
    this.contents = contents;
  }

  /// What is in an image; empty while it has no content, or nobody has looked yet. Then somebody
  /// begins to, now.
  ///
  /// @throws OperationException NOT_FOUND when there is no image that the caller may see
  public Optional<ImageInspection> find(Caller caller, String id) throws IOException {
    ImageEntry image = images.get(caller, id);
    Optional<ImageInspection> known =
        Optional.ofNullable(catalog.inspections(List.of(image.id())).get(image.id()));
    if (known.isEmpty()) {
      begin(image);
    }
    return known;
  }

  /// What is in some images of a list, by their ids; those that nobody has looked into are left
  /// out.
  ///
  /// @param listed as the caller got them from [Images#list]
  public Map<String, ImageInspection> of(List<ImageEntry> listed) throws IOException {
    return catalog.inspections(listed.stream().map(ImageEntry::id).toList());
  }

  /// Looks into an image now, and keeps what is found.
  ///
  /// @throws OperationException NOT_FOUND when there is no image that the caller may see; REFUSED
  ///   when it has no content
  public ImageInspection inspect(Caller caller, String id) throws IOException {
    ImageEntry image = images.get(caller, id);
    if (!complete(image)) {
      throw new OperationException(Kind.REFUSED, "Image %s has no data yet.".formatted(id));
    }
    return inspect(image);
  }

  private static boolean complete(ImageEntry image) {
    // What lies on the web was never judged, and may be another tomorrow.
    return image.content().filter(data -> !ContentStores.isWeb(data.blob())).isPresent();
  }

  private ImageInspection inspect(ImageEntry image) throws IOException {
    HostFile content = contents.open(image.data().orElseThrow().blob());
    ImageInspection found =
        ContentInspection.ofOwning(new WatchedFile(content, MOST, () -> closed), image.facts());
    if (!closed) {
      catalog.putInspection(image.id(), found);
    }
    return found;
  }

  /// Begins to look into an image that has its content.
  void begin(ImageEntry image) {
    if (closed || !complete(image)) {
      return;
    }
    Thread thread =
        Thread.ofVirtual().name("inspect " + image.id()).unstarted(() -> inspectQuietly(image));
    if (begun.putIfAbsent(image.id(), thread) == null) {
      thread.start();
    }
  }

  private void inspectQuietly(ImageEntry image) {
    running.acquireUninterruptibly();
    try {
      if (!closed) {
        inspect(image);
      }
    } catch (IOException | RuntimeException e) { // deleted meanwhile, for one
      LOG.log(
          Level.DEBUG,
          () -> "image %s was not looked into: %s".formatted(image.id(), e.getMessage()));
    } finally {
      running.release();
      begun.remove(image.id());
    }
  }

  /// Waits for what is looked at in the background.
  public void await() {
    Set.copyOf(begun.values()).forEach(ThreadEnd::await);
  }

  /// Ends all looking; what was not seen yet is looked at when somebody asks for it.
  @Override
  public void close() {
    closed = true;
    await();
  }
}
