package io.calco.engine.images;

import io.calco.disk.HostFile;
import io.calco.engine.Home;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.store.FreeRoom;
import io.calco.engine.store.StoreSettings;
import io.calco.engine.store.StoreUpkeep;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Content in the store of a home that is served. No more comes in at once than memory holds, and
/// no more in all than there is [FreeRoom]. What nothing needs any more is collected now and then.
///
/// Thread rule: safe for several threads; one [Incoming] is confined.
public final class ServedContents implements ImageContents {
  /// How many bytes of one upload are taken between two looks at the file system.
  private static final long LOOK_EVERY = 4 << 20;

  /// How long an upload waits for others to end before it is refused.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final StoredContents contents;
  private final Optional<StoreUpkeep> upkeep;
  private final FreeRoom room;
  private final Semaphore places;

  private ServedContents(StoredContents contents, FreeRoom room, StoreSettings settings) {
    this.contents = contents;
    this.room = room;
    this.places = new Semaphore(settings.uploads(), true);
    this.upkeep = settings.collection().map(every -> StoreUpkeep.start(contents, every));
  }

  /// Opens a home's store, and makes it if it is not there.
  ///
  /// @throws OperationException as [io.calco.engine.store.HomeStore#ofOrCreate]
  public static ServedContents open(Home home, StoreSettings settings) throws IOException {
    StoredContents contents = StoredContents.open(home, settings.secret());
    try {
      FreeRoom room = FreeRoom.at(home.store(), settings.reserve());
      return new ServedContents(contents, room, settings);
    } catch (IOException | RuntimeException e) {
      try (contents) {
        throw e;
      }
    }
  }

  /// Whether the file system has more room left than the reserve: below it, uploads are refused.
  public boolean hasRoom() throws IOException {
    return room.isLeft();
  }

  /// Waits for others while too many are coming.
  ///
  /// @throws OperationException BUSY when that takes too long, LIMIT when the file system is full
  @Override
  public Incoming receive() throws IOException {
    requireRoom();
    takePlace();
    try {
      return new ServedIncoming(contents.receive());
    } catch (IOException | RuntimeException e) {
      places.release();
      throwIfFull(e);
      throw e;
    }
  }

  private void takePlace() throws IOException {
    try {
      if (!places.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new OperationException(
            Kind.BUSY, "Too many uploads are running; try again in a minute.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  private void requireRoom() throws IOException {
    if (!hasRoom()) {
      throw full();
    }
  }

  private static OperationException full() {
    return Images.limit("Image storage media is full: there is no room for more.");
  }

  /// Throws LIMIT when the failure is that the disk is full.
  private static void throwIfFull(Exception failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof FileSystemException e && isFull(e.getReason())) {
        OperationException full = full();
        full.addSuppressed(failure);
        throw full;
      }
    }
  }

  /// What the system calls ENOSPC and EDQUOT.
  private static boolean isFull(@Nullable String reason) {
    return reason != null
        && (reason.contains("No space left on device") || reason.contains("Disk quota exceeded"));
  }

  @Override
  public HostFile open(String blob) throws IOException {
    return contents.open(blob);
  }

  @Override
  public void writeTo(String blob, WritableByteChannel out, long offset, long length)
      throws IOException {
    contents.writeTo(blob, out, offset, length);
  }

  @Override
  public void sweep(Known known) throws IOException {
    contents.sweep(known);
  }

  @Override
  public void describe(String blob, String description) throws IOException {
    contents.describe(blob, description);
  }

  @Override
  public Map<String, String> descriptions() throws IOException {
    return contents.descriptions();
  }

  @Override
  public void release(String blob) throws IOException {
    contents.release(blob);
  }

  @Override
  public void close() throws IOException {
    try (contents) {
      upkeep.ifPresent(StoreUpkeep::close);
    }
  }

  private final class ServedIncoming implements Incoming {
    private final Incoming incoming;
    private long untilLook = LOOK_EVERY;
    private boolean closed;

    ServedIncoming(Incoming incoming) {
      this.incoming = incoming;
    }

    @Override
    public int pieceLength() {
      return incoming.pieceLength();
    }

    @Override
    public void write(byte[] bytes, int length, Runnable done) throws IOException {
      untilLook -= length;
      if (untilLook < 0) {
        untilLook = LOOK_EVERY;
        requireRoom();
      }
      try {
        incoming.write(bytes, length, done);
      } catch (IOException | RuntimeException e) {
        throwIfFull(e);
        throw e;
      }
    }

    @Override
    public String finish() throws IOException {
      try {
        return incoming.finish();
      } catch (IOException | RuntimeException e) {
        throwIfFull(e);
        throw e;
      }
    }

    @Override
    public void close() throws IOException {
      if (!closed) {
        closed = true;
        try {
          incoming.close();
        } finally {
          places.release();
        }
      }
    }
  }
}
