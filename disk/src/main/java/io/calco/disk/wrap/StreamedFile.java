package io.calco.disk.wrap;

import io.calco.disk.CorruptImageException;
import io.calco.disk.ReadOnlyFile;
import io.calco.disk.UnwrapBudget;
import io.calco.disk.UnwrapOptions;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A stream, such as standard input, that is read anywhere: what went by lies in a scratch file
/// without a name. The stream is read as far as anybody asks, and to its end by [#size].
///
/// Thread rule: as [io.calco.disk.HostFile].
public final class StreamedFile extends ReadOnlyFile {
  private static final int PIECE = 256 << 10;

  /// The size, before the end is reached.
  interface KnownSize {
    /// The size in bytes when something trustworthy tells it.
    OptionalLong find() throws IOException;
  }

  private final InputStream stream;
  private final UnwrapBudget budget;
  private final KnownSize knownSize;
  private final Scratch scratch;
  private final ReentrantLock reading = new ReentrantLock();
  private final byte[] piece = new byte[PIECE];
  private volatile long front;
  private volatile boolean ended;

  /// What was told by [#size] before the end was reached.
  private OptionalLong expected = OptionalLong.empty();

  private @Nullable IOException failure;

  private StreamedFile(
      String name, InputStream stream, UnwrapBudget budget, KnownSize knownSize, Scratch scratch) {
    super(name);
    this.stream = stream;
    this.budget = budget;
    this.knownSize = knownSize;
    this.scratch = scratch;
  }

  /// The bytes of `stream`, which is closed with the file, and when this fails.
  ///
  /// @param name for messages
  /// @param options where the scratch file lies, and how long the stream may be; the ratio means
  ///   nothing here
  public static StreamedFile owning(String name, InputStream stream, UnwrapOptions options)
      throws IOException {
    try {
      Scratch scratch = Scratch.create(options);
      UnwrapBudget budget = UnwrapBudget.ofStream(name, options);
      return new StreamedFile(name, stream, budget, OptionalLong::empty, scratch);
    } catch (IOException | RuntimeException e) {
      try (stream) {
        throw e;
      }
    }
  }

  /// What a decoder gives, which is closed with the file, and when this fails.
  static StreamedFile owning(
      String name, InputStream stream, UnwrapBudget budget, KnownSize knownSize)
      throws IOException {
    try {
      Scratch scratch = Scratch.create(budget.options());
      return new StreamedFile(name, stream, budget, knownSize, scratch);
    } catch (IOException | RuntimeException e) {
      try (stream) {
        throw e;
      }
    }
  }

  @Override
  public long size() throws IOException {
    reading.lock();
    try {
      if (!ended && expected.isEmpty()) {
        expected = knownSize.find();
      }
      if (!ended && expected.isPresent()) {
        budget.allow(expected.getAsLong());
        return expected.getAsLong();
      }
    } finally {
      reading.unlock();
    }
    advance(Long.MAX_VALUE);
    return front;
  }

  @Override
  public boolean reaches(long end) throws IOException {
    return advance(end);
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    long end = endOf(offset, dst);
    if (!advance(end)) {
      throw endsBefore(front, end);
    }
    scratch.read(offset, dst);
  }

  /// Reads the stream up to `end`, or until it ends.
  ///
  /// @return whether it reaches so far
  private boolean advance(long end) throws IOException {
    if (front >= end || ended) {
      return front >= end;
    }
    reading.lock();
    try {
      IOException known = failure;
      if (known != null) {
        throw known;
      }
      while (front < end && !ended) {
        long next = readPiece(front);
        boolean last = next - front < PIECE;
        front = next;
        ended = last;
      }
      return front >= end;
    } catch (IOException e) {
      failure = e;
      throw e;
    } finally {
      reading.unlock();
    }
  }

  /// Takes a piece from the stream to its place; where the next one begins.
  private long readPiece(long offset) throws IOException {
    int n = stream.readNBytes(piece, 0, PIECE);
    long next = offset + n;
    budget.allow(next);
    scratch.write(offset, MemorySegment.ofArray(piece).asSlice(0, n));
    if (n < PIECE) {
      checkSize(next);
    }
    return next;
  }

  private void checkSize(long size) throws CorruptImageException {
    if (expected.isPresent() && expected.getAsLong() != size) {
      throw CorruptImageException.at(
          name(), "unpacked bytes", size, "their end", expected.getAsLong() + " bytes");
    }
  }

  @Override
  public void close() throws IOException {
    try (scratch) {
      stream.close();
    }
  }
}
