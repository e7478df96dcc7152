package io.calco.disk.wrap;

import io.calco.disk.FileStream;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Digests for manifests, in hexadecimal.
final class MemberDigest {
  private static final int PIECE = 1 << 20;

  private MemberDigest() {}

  /// The digest of bytes in memory.
  static String of(String algorithm, MemorySegment bytes) {
    MessageDigest digest = get(algorithm);
    digest.update(bytes.asByteBuffer());
    return HexFormat.of().formatHex(digest.digest());
  }

  /// The digest of a run of a file.
  ///
  /// @param step what is being done, for the progress
  static String of(
      String algorithm, HostFile file, long offset, long length, String step, JobContext job)
      throws IOException {
    MessageDigest digest = get(algorithm);
    byte[] piece = new byte[PIECE];
    for (long done = 0; done < length; ) {
      job.checkCancelled();
      job.progress(step, done, length);
      int n = (int) Math.min(PIECE, length - done);
      file.read(offset + done, MemorySegment.ofArray(piece).asSlice(0, n));
      digest.update(piece, 0, n);
      done += n;
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /// The digest of a whole file that is dear to read: several threads read ahead.
  ///
  /// @param step what is being done, for the progress
  static String ofAll(String algorithm, HostFile file, String step, JobContext job)
      throws IOException {
    MessageDigest digest = get(algorithm);
    FileStream.copy(file, new Digesting(digest), step, job);
    return HexFormat.of().formatHex(digest.digest());
  }

  /// Takes all bytes into a digest.
  private record Digesting(MessageDigest digest) implements WritableByteChannel {
    @Override
    public int write(ByteBuffer bytes) {
      int length = bytes.remaining();
      digest.update(bytes);
      return length;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  private static MessageDigest get(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has " + algorithm, e);
    }
  }
}
