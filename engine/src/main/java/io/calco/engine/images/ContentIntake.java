package io.calco.engine.images;

import io.calco.engine.OperationException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/// Takes in content in one pass: each piece of it is stored, and goes through the digests, side by
/// side and where it lies. A sender has the memory of one piece; one that is faster than the
/// digests gets some more, of what all share. Confined.
final class ContentIntake {
  /// Pieces beyond the first that all senders share.
  private static final int SHARED = 32;

  /// Pieces that one of them may have at a time.
  private static final int PIECES = 8;

  private static final Semaphore shared = new Semaphore(SHARED);

  private final ImageContents.Incoming incoming;
  private final ContentDigests digests = new ContentDigests();
  private final BlockingQueue<Piece> free = new LinkedBlockingQueue<>();
  private final long limit;
  private int pieces;
  private long size;

  private ContentIntake(ImageContents.Incoming incoming, long limit) {
    this.incoming = incoming;
    this.limit = limit;
  }

  /// What was taken in.
  record Taken(String blob, long size, String md5, String sha256, String sha512) {}

  /// Takes in all that a source has.
  ///
  /// @param limit in bytes
  /// @throws OperationException LIMIT when there is more; nothing is kept then, nor after any other
  ///   failure
  static Taken take(InputStream source, ImageContents.Receiver receiver, long limit)
      throws IOException {
    try (ImageContents.Incoming incoming = receiver.receive()) {
      ContentIntake intake = new ContentIntake(incoming, limit);
      try {
        intake.run(source);
      } finally {
        shared.release(Math.max(0, intake.pieces - 1));
      }
      return new Taken(
          incoming.finish(),
          intake.size,
          intake.digests.md5(),
          intake.digests.sha256(),
          intake.digests.sha512());
    }
  }

  /// Bytes on their way: the digests and the store read them.
  private final class Piece implements Runnable {
    private final byte[] bytes = new byte[incoming.pieceLength()];
    private final AtomicInteger users = new AtomicInteger();

    /// One of them has done with it.
    @Override
    public void run() {
      if (users.decrementAndGet() == 0) {
        free.add(this);
      }
    }
  }

  private void run(InputStream source) throws IOException {
    while (true) {
      Piece piece = piece();
      int length = source.readNBytes(piece.bytes, 0, piece.bytes.length);
      size += length;
      if (size > limit) {
        throw Images.limit(
            "The image is larger than %d bytes, which is the limit.".formatted(limit));
      }
      if (length == 0) {
        return;
      }
      piece.users.set(ContentDigests.COUNT + 1);
      digests.add(piece.bytes, length, piece);
      incoming.write(piece.bytes, length, piece);
      if (length < piece.bytes.length) {
        return;
      }
    }
  }

  private Piece piece() throws IOException {
    Piece ready = free.poll();
    if (ready != null) {
      return ready;
    }
    if (pieces == 0 || pieces < PIECES && shared.tryAcquire()) {
      pieces++;
      return new Piece();
    }
    try {
      return free.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
