package io.calco.disk.wrap;

import com.github.luben.zstd.ZstdIOException;
import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.zstd.ZstdInputStream;
import io.calco.disk.BulkInput;
import io.calco.disk.CorruptImageException;
import io.calco.disk.CountedInput;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnwrapOptions;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.tukaani.xz.XZIOException;
import org.tukaani.xz.XZInputStream;

/// A stream, out of the compressions that it is packed by: gzip, xz, Zstandard, one in another. It
/// is unpacked as it comes, and lies nowhere.
///
/// What is inside may be an archive: [#archived] tells, and [io.calco.disk.Wrapping] opens it, out
/// of a file.
///
/// Thread rule: confined.
public final class UnpackedStream extends BulkInput {
  private static final int LAYERS_MAX = 3;
  private static final int HEAD = 512;
  private static final int TAR_MAGIC = 257;
  private static final int TAR_NAME = 100;

  private final String name;
  private final CountedInput packed;
  private final UnwrapOptions limits;
  private final List<String> wrappers;
  private final Peeked plain;
  private long size;

  private UnpackedStream(
      String name, CountedInput packed, UnwrapOptions limits, List<String> wrappers, Peeked plain) {
    this.name = name;
    this.packed = packed;
    this.limits = limits;
    this.wrappers = List.copyOf(wrappers);
    this.plain = plain;
  }

  /// Unpacks a stream, which is closed with the result, and when this fails.
  ///
  /// @param name for messages
  /// @param limits of what may come out
  /// @throws CorruptImageException when it is packed more than three times
  public static UnpackedStream owning(String name, InputStream stream, UnwrapOptions limits)
      throws IOException {
    try {
      CountedInput packed = CountedInput.owning(stream);
      Peeked plain = new Peeked(packed);
      List<String> wrappers = new ArrayList<>();
      for (String kind = compression(plain.head()); !kind.isEmpty(); ) {
        wrappers.add(kind);
        if (wrappers.size() > LAYERS_MAX) {
          throw new LimitExceededException(
              "%s: wrapped more than %d times (our limit)".formatted(name, LAYERS_MAX));
        }
        plain = new Peeked(decoder(name, kind, plain));
        kind = compression(plain.head());
      }
      return new UnpackedStream(name, packed, limits, wrappers, plain);
    } catch (IOException | RuntimeException e) {
      try (stream) {
        throw meaning(name, e);
      }
    }
  }

  private static String compression(byte[] head) {
    if (begins(head, 0, 0x1f, 0x8b, 0x08)) {
      return "gz";
    }
    if (begins(head, 0, 0xfd, '7', 'z', 'X', 'Z', 0)) {
      return "xz";
    }
    return begins(head, 0, 0x28, 0xb5, 0x2f, 0xfd) ? "zst" : "";
  }

  private static boolean begins(byte[] head, int at, int... marks) {
    if (head.length < at + marks.length) {
      return false;
    }
    for (int i = 0; i < marks.length; i++) {
      if ((head[at + i] & 0xff) != marks[i]) {
        return false;
      }
    }
    return true;
  }

  private static InputStream decoder(String name, String kind, Peeked packed) throws IOException {
    try {
      return switch (kind) {
        case "gz" -> new GZIPInputStream(packed, 64 << 10);
        case "xz" -> new XZInputStream(packed, XzInput.MEMORY_KIB);
        default ->
            ZstdStream.nativeCode() ? ZstdStream.decoder(packed) : new ZstdInputStream(packed);
      };
    } catch (IOException e) {
      throw meaning(name, e);
    }
  }

  /// What the decoders complain of, as ours.
  private static IOException meaning(String name, Exception failure) {
    return switch (failure) {
      case ZipException e -> corrupt(name, "gzip", e);
      case XZIOException e -> XzInput.told(name, e);
      case ZstdIOException e -> corrupt(name, "zstd", e);
      case MalformedInputException e -> corrupt(name, "zstd", e);
      case EOFException _ -> new CorruptImageException(name + ": packed data that ends too early");
      case IOException e -> e;
      case RuntimeException e -> throw e;
      default -> throw new IllegalStateException(failure);
    };
  }

  private static CorruptImageException corrupt(String name, String kind, Exception e) {
    return new CorruptImageException("%s: %s data: %s".formatted(name, kind, e.getMessage()));
  }

  /// What the stream was packed by, the outermost first.
  public List<String> wrappers() {
    return wrappers;
  }

  /// True when what is inside is an archive or packed in a way that is not read as it comes: zip,
  /// tar, bz2, lz4. An appliance (`.ova`) is none: it is an image as it is.
  public boolean archived() throws IOException {
    byte[] head = plain.head();
    boolean tar = begins(head, TAR_MAGIC, 'u', 's', 't', 'a', 'r') && !appliance(head);
    return tar
        || begins(head, 0, 'P', 'K', 3, 4)
        || begins(head, 0, 'B', 'Z', 'h')
        || begins(head, 0, 0x04, 0x22, 0x4d, 0x18);
  }

  /// True when what is inside is an appliance: a tar that begins with its descriptor.
  public boolean appliance() throws IOException {
    return appliance(plain.head());
  }

  private static boolean appliance(byte[] head) {
    if (!begins(head, TAR_MAGIC, 'u', 's', 't', 'a', 'r')) {
      return false;
    }
    String first = new String(head, 0, TAR_NAME, StandardCharsets.ISO_8859_1);
    int end = first.indexOf('\0');
    return first.substring(0, end < 0 ? TAR_NAME : end).toLowerCase(Locale.ROOT).endsWith(".ovf");
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int n;
    try {
      n = plain.read(bytes, offset, length);
    } catch (IOException | MalformedInputException e) {
      throw meaning(name, e);
    }
    if (n > 0) {
      size += n;
      checkSize();
    } else if (n < 0) {
      packed.transferTo(
          OutputStream.nullOutputStream()); // what follows the packed data belongs to the file too
    }
    return n;
  }

  private void checkSize() throws LimitExceededException {
    if (wrappers.isEmpty()) {
      return;
    }
    boolean much = size > limits.ratioFrom();
    if (size > limits.outputLimit()
        || much && size / limits.ratioLimit() > Math.max(1, packed.count())) {
      throw new LimitExceededException(
          "%s: unpacks to more than is allowed: %d bytes out of %d"
              .formatted(name, size, packed.count()));
    }
  }

  @Override
  public int available() throws IOException {
    return plain.available();
  }

  @Override
  public void close() throws IOException {
    try (packed) {
      plain.close();
    }
  }

  /// A stream whose first bytes were looked at; it knows whether more comes, which gzip's decoder
  /// asks between two members.
  private static final class Peeked extends InputStream {
    private final InputStream in;
    private final byte[] buffer = new byte[64 << 10];
    private int at;
    private int limit;

    Peeked(InputStream in) {
      this.in = in;
    }

    byte[] head() throws IOException {
      if (at == 0 && limit < HEAD) {
        limit += Math.max(0, in.readNBytes(buffer, limit, HEAD - limit));
      }
      return Arrays.copyOfRange(buffer, at, Math.min(limit, at + HEAD));
    }

    private boolean fill() throws IOException {
      if (at < limit) {
        return true;
      }
      at = 0;
      limit = Math.max(0, in.read(buffer, 0, buffer.length));
      return limit > 0;
    }

    @Override
    public int read() throws IOException {
      return fill() ? buffer[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (at == limit && length >= buffer.length) {
        return in.read(bytes, offset, length);
      }
      if (!fill()) {
        return -1;
      }
      int n = Math.min(length, limit - at);
      System.arraycopy(buffer, at, bytes, offset, n);
      at += n;
      return n;
    }

    @Override
    public int available() throws IOException {
      return fill() ? limit - at : 0;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
