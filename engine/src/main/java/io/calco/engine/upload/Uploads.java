package io.calco.engine.upload;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.disk.CountedInput;
import io.calco.disk.ThreadEnd;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImageService;
import io.calco.engine.store.FreeRoom;
import io.calco.engine.upload.Upload.Phase;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Content that comes in parts.
///
/// Thread rule: safe for several threads.
public final class Uploads implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Uploads.class.getName());
  private static final int FILE_NAME_MAX = 255;
  private static final Duration STOP = Duration.ofSeconds(10);
  private static final Duration SWEEP = Duration.ofMinutes(15);

  /// More would only slow each other down.
  private static final int STORED_AT_ONCE = 4;

  /// Failures that another try would not mend.
  private static final Set<Kind> FINAL =
      EnumSet.of(
          Kind.USAGE,
          Kind.NOT_FOUND,
          Kind.REFUSED,
          Kind.CORRUPT,
          Kind.DENIED,
          Kind.UNSUPPORTED,
          Kind.LIMIT);

  private final Path directory;
  private final ImageService service;
  private final UploadLimits limits;
  private final FreeRoom room;
  private final InstantSource clock;
  private final ReentrantLock beginning = new ReentrantLock();
  private final Map<String, UploadFile> files = new ConcurrentHashMap<>();
  private final Map<String, Storing> storing = new ConcurrentHashMap<>();
  private final Semaphore turns = new Semaphore(STORED_AT_ONCE, true);
  private final Thread sweeper;
  private volatile boolean closed;

  private Uploads(Path directory, ImageService service, UploadLimits limits, InstantSource clock)
      throws IOException {
    this.room = FreeRoom.at(directory, limits.reserve());
    this.directory = directory;
    this.service = service;
    this.limits = limits;
    this.clock = clock;
    this.sweeper = Thread.ofVirtual().name("uploads").unstarted(this::sweepAgainAndAgain);
  }

  /// What becomes an image's.
  private static final class Storing {
    private final AtomicLong bytes = new AtomicLong();
    private @Nullable Thread thread;
  }

  /// Goes on with what is in a directory, made if it is not there.
  public static Uploads open(Path directory, ImageService service, UploadLimits limits)
      throws IOException {
    return open(directory, service, limits, InstantSource.system());
  }

  static Uploads open(
      Path directory, ImageService service, UploadLimits limits, InstantSource clock)
      throws IOException {
    Files.createDirectories(directory);
    Uploads uploads = new Uploads(directory, service, limits, clock);
    uploads.load();
    uploads.sweep();
    uploads.sweeper.start();
    return uploads;
  }

  private void load() throws IOException {
    List<Path> all;
    try (var listed = Files.list(directory)) {
      all = listed.filter(path -> path.toString().endsWith(UploadFile.ABOUT)).toList();
    }
    for (Path about : all) {
      Optional<UploadFile> file = UploadFile.load(directory, about);
      if (file.isPresent()) {
        files.put(file.get().about().id(), file.get());
        if (file.get().complete() && file.get().about().problem().isEmpty()) {
          store(file.get(), file.get().about().caller());
        }
      }
    }
  }

  /// Begins an upload into an image that has no content.
  ///
  /// @param id the image's
  /// @param fileName what the sender calls the file; any text
  /// @param length of the content, in bytes, 1 or more
  /// @throws OperationException LIMIT when it is too large, the user has too many, or this host has
  ///   no room for it; REFUSED when the image has content
  public Upload begin(Caller caller, String id, String fileName, long length) throws IOException {
    if (length < 1 || length > limits.length()) {
      throw new OperationException(
          length < 1 ? Kind.USAGE : Kind.LIMIT,
          "An upload has 1 to %d bytes.".formatted(limits.length()));
    }
    ImageEntry image = service.images().get(caller, id);
    boolean own = caller.projectId().map(image.owner()::equals).orElse(false);
    if (!caller.isAdmin() && !(own && caller.has(Caller.MEMBER))) {
      throw new OperationException(
          Kind.DENIED, "You are not permitted to upload data for image %s.".formatted(id));
    }
    if (image.status() != Status.QUEUED) {
      throw new OperationException(Kind.REFUSED, "Image %s has content already.".formatted(id));
    }
    beginning.lock();
    try {
      dropOld(caller, image.id());
      requireFew(caller);
      requireRoom(length);
      String name = fileName.substring(0, Math.min(fileName.length(), FILE_NAME_MAX));
      UploadFile file =
          UploadFile.create(
              directory, UploadFile.About.of(caller, image.id(), name, length), clock.instant());
      files.put(image.id(), file);
      return told(file);
    } finally {
      beginning.unlock();
    }
  }

  /// An upload into the same image that failed makes room; one that goes on does not.
  private void dropOld(Caller caller, String id) throws IOException {
    UploadFile old = files.get(id);
    if (old == null) {
      return;
    }
    if (old.about().problem().isEmpty() && !isOf(caller, old)) {
      throw new OperationException(
          Kind.REFUSED, "Somebody else is uploading data for image %s.".formatted(id));
    }
    if (storing.containsKey(id)) {
      throw new OperationException(
          Kind.REFUSED, "The data of image %s is being stored.".formatted(id));
    }
    remove(old);
  }

  private void requireFew(Caller caller) {
    long count = files.values().stream().filter(file -> isOf(caller, file)).count();
    if (count >= limits.perUser()) {
      throw new OperationException(
          Kind.LIMIT,
          "You have %d uploads that are not complete, and may have no more: end one."
              .formatted(count));
    }
  }

  /// The bytes lie here, and in the store before they go from here.
  private void requireRoom(long length) throws IOException {
    long needed = length;
    for (UploadFile file : files.values()) {
      needed += file.about().length() - file.offset();
    }
    if (needed > room.bytes() / 2) {
      throw new OperationException(
          Kind.LIMIT, "The server has no room for an upload of %d bytes now.".formatted(length));
    }
  }

  private static boolean isOf(Caller caller, UploadFile file) {
    return file.about().userId().equals(caller.userId())
        && file.about().projectId().equals(caller.projectId().orElse(""));
  }

  /// The caller's upload of that id.
  ///
  /// @throws OperationException NOT_FOUND when they have none
  public Upload get(Caller caller, String id) {
    return told(file(caller, id));
  }

  /// An upload into an image, whoever's it is.
  public Optional<Upload> into(ImageEntry image) {
    return Optional.ofNullable(files.get(image.id())).map(this::told);
  }

  /// The caller's, newest last.
  public List<Upload> of(Caller caller) {
    return files.values().stream()
        .filter(file -> isOf(caller, file))
        .map(this::told)
        .sorted(Comparator.comparing(Upload::expires).thenComparing(Upload::id))
        .toList();
  }

  private UploadFile file(Caller caller, String id) {
    UploadFile file = files.get(id);
    if (file == null || !isOf(caller, file)) {
      throw new OperationException(Kind.NOT_FOUND, "You have no such upload.");
    }
    return file;
  }

  private Upload told(UploadFile file) {
    UploadFile.About about = file.about();
    Storing stored = storing.get(about.id());
    Phase phase =
        !about.problem().isEmpty()
            ? Phase.FAILED
            : stored != null || file.complete() ? Phase.STORING : Phase.RECEIVING;
    return new Upload(
        about.id(),
        about.fileName(),
        about.length(),
        file.offset(),
        phase,
        stored == null ? 0 : stored.bytes.get(),
        about.problem(),
        file.touched().plus(limits.kept()));
  }

  /// Goes on with an upload. What came is on the medium when this returns, and also when it fails
  /// for want of more. With the last byte the image begins to be stored.
  ///
  /// @param offset where the sender goes on
  /// @param checksum of what is sent now
  /// @throws OperationException REFUSED when the upload stopped elsewhere, LIMIT when more comes
  ///   than was announced
  /// @throws WrongChecksumException when something else came
  public Upload append(
      Caller caller, String id, long offset, InputStream in, Optional<PartChecksum> checksum)
      throws IOException {
    UploadFile file = file(caller, id);
    if (!file.about().problem().isEmpty()) {
      throw new OperationException(Kind.REFUSED, file.about().problem());
    }
    service.images().get(caller, id); // it may be gone
    file.append(offset, in, checksum, clock.instant());
    if (file.complete()) {
      store(file, caller);
    }
    return told(file);
  }

  /// Gives an upload up, and the image that waited for it.
  public void cancel(Caller caller, String id) throws IOException {
    UploadFile file = file(caller, id);
    if (storing.containsKey(id)) {
      throw new OperationException(Kind.REFUSED, "All of it came; it is being stored.");
    }
    remove(file);
    deleteImage(caller, id);
  }

  private void remove(UploadFile file) throws IOException {
    file.delete();
    files.remove(file.about().id());
  }

  private void deleteImage(Caller caller, String id) {
    try {
      if (service.images().get(caller, id).status() == Status.QUEUED) {
        service.images().delete(caller, id);
      }
    } catch (IOException | RuntimeException e) { // it is gone, protected, or no longer theirs
      LOG.log(Level.DEBUG, "an image that waited for an upload stays", e);
    }
  }

  private void store(UploadFile file, Caller caller) {
    String id = file.about().id();
    Storing mine = new Storing();
    if (closed || storing.putIfAbsent(id, mine) != null) {
      return;
    }
    Thread thread =
        Thread.ofVirtual().name("store " + id).unstarted(() -> store(file, caller, mine));
    mine.thread = thread;
    thread.start();
  }

  private void store(UploadFile file, Caller caller, Storing mine) {
    String id = file.about().id();
    try {
      turns.acquire();
      try (InputStream in = CountedInput.owning(Files.newInputStream(file.data()), mine.bytes)) {
        service.transfers().upload(caller, id, in, OptionalLong.of(file.about().length()));
      } finally {
        turns.release();
      }
      remove(file);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the server ends; its successor stores it
    } catch (IOException | RuntimeException e) {
      failed(file, OperationException.of(e));
    } finally {
      storing.remove(id);
    }
  }

  private void failed(UploadFile file, OperationException told) {
    if (closed) {
      return;
    }
    LOG.log(
        Level.INFO,
        () -> "upload %s was not stored: %s".formatted(file.about().id(), told.getMessage()));
    String problem =
        FINAL.contains(told.kind())
            ? String.valueOf(told.getMessage())
            : "The server failed to store it; its log tells why.";
    try {
      file.fail(problem);
    } catch (IOException e) {
      LOG.log(Level.ERROR, "an upload's end could not be recorded", e);
    }
  }

  private void sweepAgainAndAgain() {
    try {
      while (!closed) {
        Thread.sleep(SWEEP);
        sweep();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the server ends
    }
  }

  /// Gives up what nobody went on with.
  void sweep() {
    Instant old = clock.instant().minus(limits.kept());
    for (UploadFile file : new ArrayList<>(files.values())) {
      String id = file.about().id();
      if (file.touched().isBefore(old) && !storing.containsKey(id)) {
        try {
          remove(file);
        } catch (IOException e) {
          LOG.log(Level.WARNING, "an upload that expired could not be removed", e);
        }
        deleteImage(file.about().caller(), id);
      }
    }
  }

  /// Stops what is being stored; it is begun again when the home is next served.
  @Override
  public void close() {
    closed = true;
    sweeper.interrupt();
    List<Thread> threads =
        storing.values().stream().flatMap(each -> Stream.ofNullable(each.thread)).toList();
    threads.forEach(Thread::interrupt);
    ThreadEnd.await(threads, STOP);
  }
}
