package io.calco.disk;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;

/// A stream that counts what is read of it. Thread rule: read by one thread; the count is safe for
/// several.
public final class CountedInput extends BulkInput {
  private final InputStream in;
  private final AtomicLong count;

  /// Counts from 0.
  ///
  /// @param in closed with this
  public static CountedInput owning(InputStream in) {
    return owning(in, new AtomicLong());
  }

  /// Adds to a count.
  ///
  /// @param in closed with this
  public static CountedInput owning(InputStream in, AtomicLong count) {
    return new CountedInput(in, count);
  }

  private CountedInput(InputStream in, AtomicLong count) {
    this.in = in;
    this.count = count;
  }

  /// Bytes that were read.
  public long count() {
    return count.get();
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int n = in.read(bytes, offset, length);
    count.addAndGet(Math.max(0, n));
    return n;
  }

  @Override
  public int available() throws IOException {
    return in.available();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
