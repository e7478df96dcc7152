package io.calco.engine.images;

import io.calco.disk.BulkInput;
import io.calco.disk.JobContext;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.published.Checksum;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;

/// Bytes as they are published: counted, hashed while they go by. Thread rule: confined.
final class PublishedStream extends BulkInput {
  private final InputStream in;
  private final Optional<Checksum> expected;
  private final Optional<MessageDigest> digest;
  private final long size;
  private final JobContext job;
  private long done;

  /// @param in stays the caller's
  /// @param size when it is known
  PublishedStream(InputStream in, Optional<Checksum> expected, OptionalLong size, JobContext job) {
    this.in = in;
    this.expected = expected;
    this.digest = expected.map(sum -> digest(sum.algorithm()));
    this.size = size.orElse(0);
    this.job = job;
  }

  private static MessageDigest digest(Checksum.Algorithm algorithm) {
    try {
      return MessageDigest.getInstance(algorithm.javaName());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has " + algorithm.javaName(), e);
    }
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    job.checkCancelled();
    int n = in.read(bytes, offset, length);
    if (n > 0) {
      done += n;
      digest.ifPresent(hash -> hash.update(bytes, offset, n));
      job.progress("importing", done, size);
    }
    return n;
  }

  /// Reads what is left.
  void drain() throws IOException {
    byte[] rest = new byte[64 << 10];
    int n;
    do {
      n = read(rest, 0, rest.length);
    } while (n >= 0);
  }

  /// Compares what went by with what was expected.
  ///
  /// @throws OperationException CORRUPT when it is something else
  void requireExpected(String name) throws IOException {
    if (expected.isEmpty()) {
      return;
    }
    drain();
    String found = HexFormat.of().formatHex(digest.orElseThrow().digest());
    if (!found.equals(expected.get().hex())) {
      throw new OperationException(
          Kind.CORRUPT,
          "%s: is not what was published: %s:%s, expected %s"
              .formatted(name, expected.get().algorithm().text(), found, expected.get().hex()),
          "fetch it again; if it stays so, do not use it");
    }
  }

  @Override
  public void close() {}
}
