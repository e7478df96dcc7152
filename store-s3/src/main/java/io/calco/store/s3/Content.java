package io.calco.store.s3;

import io.calco.disk.RateLimit;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/// Bytes on their way to a service, in parts; read from the beginning as often as it takes.
///
/// Thread rule: immutable; each stream is confined.
final class Content {
  private static final int STEP = 64 << 10;

  private final List<MemorySegment> parts;
  private final RateLimit rate;

  Content(List<MemorySegment> parts, RateLimit rate) {
    this.parts = parts;
    this.rate = rate;
  }

  /// In bytes.
  long length() {
    return parts.stream().mapToLong(MemorySegment::byteSize).sum();
  }

  /// MD5 of all bytes, in Base64: what every service compares, and what a bucket with object lock
  /// asks for.
  String md5() {
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
  InputStream stream() {
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

  /// Fills memory from a stream, no faster than the rate; false when that ends before.
  static boolean fill(MemorySegment dst, InputStream in, RateLimit rate) throws IOException {
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
