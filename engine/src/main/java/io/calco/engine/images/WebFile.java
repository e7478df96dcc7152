package io.calco.engine.images;

import io.calco.disk.ReadOnlyFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Content on the web, read by position: what follows the last read comes from the same answer,
/// anything else is asked for anew, and skipped to where the server has no ranges.
///
/// Thread rule: safe for several threads, which wait for each other.
final class WebFile extends ReadOnlyFile {
  private static final int PIECE = 64 << 10;

  private final URI uri;
  private final WebAddresses addresses;
  private final long size;
  private final ReentrantLock reading = new ReentrantLock();
  private @Nullable WebSource source;
  private long position;

  private WebFile(URI uri, WebAddresses addresses, WebSource first, long size) {
    super(uri.toString());
    this.uri = uri;
    this.addresses = addresses;
    this.source = first;
    this.size = size;
  }

  /// Asks for it.
  ///
  /// @throws io.calco.engine.OperationException when it may not be fetched, is not there, or its
  ///   server does not say how long it is
  static WebFile open(URI uri, WebAddresses addresses) throws IOException {
    WebSource first = WebSource.open(uri, addresses);
    if (first.size().isEmpty()) {
      try (first) {
        throw new io.calco.engine.OperationException(
            io.calco.engine.OperationException.Kind.UNSUPPORTED,
            "%s does not say how long it is".formatted(uri));
      }
    }
    return new WebFile(uri, addresses, first, first.size().getAsLong());
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    long end = endOf(offset, dst);
    if (end > size) {
      throw endsBefore(size, end);
    }
    if (dst.byteSize() == 0) {
      return;
    }
    reading.lock();
    try {
      InputStream in = at(offset);
      byte[] piece = new byte[(int) Math.min(PIECE, dst.byteSize())];
      for (long done = 0; done < dst.byteSize(); ) {
        int length = (int) Math.min(piece.length, dst.byteSize() - done);
        if (in.readNBytes(piece, 0, length) < length) {
          throw new EOFException(name() + ": its server ended the answer early");
        }
        MemorySegment.copy(MemorySegment.ofArray(piece), 0, dst, done, length);
        done += length;
        position += length;
      }
    } catch (IOException | RuntimeException e) {
      forget();
      throw e;
    } finally {
      reading.unlock();
    }
  }

  private InputStream at(long offset) throws IOException {
    WebSource open = source;
    if (open == null || position != offset) {
      forget();
      open = WebSource.open(uri, addresses, WebSource.Ask.from(offset));
      source = open;
      position = open.start();
      open.body().skipNBytes(offset - position);
      position = offset;
    }
    return open.body();
  }

  private void forget() throws IOException {
    WebSource open = source;
    source = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void close() throws IOException {
    reading.lock();
    try {
      forget();
    } finally {
      reading.unlock();
    }
  }
}
