package io.calco.store.backend;

import io.calco.disk.RateLimit;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/// Bytes on their way to a server, in parts; read from the beginning as often as it takes.
///
/// Thread rule: immutable; each stream is confined.
public final class Content {
  private static final int STEP = 64 << 10;

  /// How long a call may take that moves nothing.
  public static final Duration ANSWERING = Duration.ofSeconds(60);

  /// Bytes a second below which a server is given up.
  private static final long SLOWEST = 64 << 10;

  private final List<MemorySegment> parts;
  private final RateLimit rate;

  /// Bytes that are sent.
  ///
  /// @param parts one after the other; not changed meanwhile
  /// @param rate how fast they may leave
  public Content(List<MemorySegment> parts, RateLimit rate) {
    this.parts = parts;
    this.rate = rate;
  }

  /// In bytes.
  public long length() {
    return parts.stream().mapToLong(MemorySegment::byteSize).sum();
  }

  /// MD5 of all bytes, in Base64: what every service compares, and what a bucket with object lock
  /// asks for.
  public String md5() {
    MessageDigest md5;
    try {
      md5 = MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    for (MemorySegment part : parts) {
      for (long at = 0; at < part.byteSize(); at += 1 << 30) {
        md5.update(part.asSlice(at, Math.min(part.byteSize() - at, 1 << 30)).asByteBuffer());
      }
    }
    return Base64.getEncoder().encodeToString(md5.digest());
  }

  /// All bytes, no faster than the rate.
  public InputStream stream() {
    return new Parts();
  }

  private final class Parts extends InputStream {
    private int part;
    private long within;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int at, int count) throws IOException {
      if (count == 0) {
        return 0;
      }
      while (part < parts.size() && within == parts.get(part).byteSize()) {
        part++;
        within = 0;
      }
      if (part == parts.size()) {
        return -1;
      }
      MemorySegment from = parts.get(part);
      int length = (int) Math.min(Math.min(count, STEP), from.byteSize() - within);
      rate.pass(length);
      MemorySegment.copy(from, ValueLayout.JAVA_BYTE, within, to, at, length);
      within += length;
      return length;
    }
  }

  /// How long a call that moves so many bytes may take: a minute, and what they need at 64 KiB a
  /// second, or at a quarter of the rate where that is less.
  public static Duration patience(long bytes, RateLimit rate) {
    long slowest = Math.clamp(rate.bytesPerSecond() / 4, 1, SLOWEST);
    return ANSWERING.plusSeconds(bytes / slowest);
  }

  /// Fills memory from a stream, no faster than the rate; false when that ends before.
  public static boolean fill(MemorySegment dst, InputStream in, RateLimit rate) throws IOException {
    byte[] step = new byte[(int) Math.min(STEP, dst.byteSize())];
    long done = 0;
    while (done < dst.byteSize()) {
      int wanted = (int) Math.min(step.length, dst.byteSize() - done);
      rate.pass(wanted);
      int read = in.readNBytes(step, 0, wanted);
      MemorySegment.copy(step, 0, dst, ValueLayout.JAVA_BYTE, done, read);
      done += read;
      if (read < wanted) {
        return false;
      }
    }
    return true;
  }
}
