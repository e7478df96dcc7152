package io.calco.guest.boot;

import com.github.luben.zstd.ZstdInputStream;
import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.lz4.Lz4JavaDecompressor;
import io.calco.disk.bytes.LittleEndian;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.LZMAInputStream;
import org.tukaani.xz.XZInputStream;

/// An initial RAM file system as Linux takes it: cpio archives in the format "newc" one after
/// another, zeroes between them, the last one perhaps packed with gzip, xz, lzma, zstd or lz4's old
/// framing (Linux, driver-api/early-userspace/buffer-format and usr/Kconfig). A file that is none
/// is given as it is.
final class PackedArchive {
  private static final int PIECE = 1 << 20;
  private static final int HEADER = 110;
  private static final int FILE_SIZE = 54;
  private static final int NAME_SIZE = 94;
  private static final String TRAILER = "TRAILER!!!";
  private static final int MAX_NAME = 4096;
  private static final int MAX_XZ_KIB = 1 << 17; // ours
  private static final int LZ4_BLOCK = 8 << 20; // the framing's

  private final BufferedInputStream in;
  private final Pieces pieces;

  /// Takes unpacked bytes, in order.
  @FunctionalInterface
  interface Pieces {
    /// One piece, at most 1 MiB; the array is used again.
    ///
    /// @return false when no more are wanted
    boolean take(byte[] bytes, int length) throws IOException;
  }

  private PackedArchive(InputStream file, Pieces pieces) {
    this.in = new BufferedInputStream(file, 1 << 18);
    this.pieces = pieces;
  }

  /// Gives all bytes of the archives, unpacked.
  ///
  /// @throws IOException when what is packed is damaged, or packed by what is not known
  static void read(InputStream file, Pieces pieces) throws IOException {
    PackedArchive archive = new PackedArchive(file, pieces);
    boolean more = true;
    while (more) {
      more = archive.next();
    }
  }

  private byte[] peek(int length) throws IOException {
    in.mark(length);
    byte[] bytes = in.readNBytes(length);
    in.reset();
    return bytes;
  }

  private boolean next() throws IOException {
    byte[] start = peek(6);
    if (start.length == 0) {
      return false;
    }
    if (start[0] == 0) {
      return in.read() == 0;
    }
    String magic = new String(start, StandardCharsets.ISO_8859_1);
    if (magic.equals("070701") || magic.equals("070702")) {
      return archive();
    }
    if (start.length == 6 && LittleEndian.u32(start, 0) == 0x184C2102L) {
      lz4();
    } else {
      pump(unpacked(magic), Long.MAX_VALUE);
    }
    return false;
  }

  private InputStream unpacked(String magic) throws IOException {
    if (magic.startsWith("\u001f\u008b")) {
      return new GZIPInputStream(in, 1 << 16);
    }
    if (magic.startsWith("\u00fd7zXZ")) {
      return new XZInputStream(in, MAX_XZ_KIB);
    }
    if (magic.startsWith("]\0\0")) {
      return new LZMAInputStream(in, MAX_XZ_KIB);
    }
    if (magic.startsWith("(\u00b5/\u00fd")) {
      return new ZstdInputStream(in);
    }
    if (magic.startsWith("BZh") || magic.startsWith("\u0089LZO")) {
      throw new IOException("packed with bzip2 or lzo, which is not unpacked here");
    }
    return in;
  }

  /// One archive.
  ///
  /// @return false when no more is wanted
  private boolean archive() throws IOException {
    while (true) {
      byte[] header = in.readNBytes(HEADER);
      if (header.length < HEADER) {
        throw new EOFException("a cpio archive without its end");
      }
      long fileSize = hex(header, FILE_SIZE);
      long nameSize = hex(header, NAME_SIZE);
      if (nameSize > MAX_NAME) {
        throw new IOException("a name of " + nameSize + " bytes in a cpio archive");
      }
      byte[] name = in.readNBytes((int) (aligned(HEADER + nameSize) - HEADER));
      if (!pieces.take(name, name.length) || !pump(in, aligned(fileSize))) {
        return false;
      }
      if (new String(name, StandardCharsets.ISO_8859_1).startsWith(TRAILER)) {
        return true;
      }
    }
  }

  private static long aligned(long size) {
    return (size + 3) & ~3L;
  }

  private static long hex(byte[] header, int at) throws IOException {
    try {
      return Long.parseLong(new String(header, at, 8, StandardCharsets.ISO_8859_1), 16);
    } catch (NumberFormatException e) {
      throw new IOException("a cpio header without numbers", e);
    }
  }

  /// Gives at most `length` bytes.
  ///
  /// @return false when no more are wanted
  private boolean pump(InputStream from, long length) throws IOException {
    byte[] piece = new byte[(int) Math.min(PIECE, Math.max(1, length))];
    for (long left = length; left > 0; ) {
      int read = from.readNBytes(piece, 0, (int) Math.min(piece.length, left));
      if (read == 0) {
        return true;
      }
      if (!pieces.take(piece, read)) {
        return false;
      }
      left -= read;
    }
    return true;
  }

  /// Blocks of at most 8 MiB, each after its packed length (lz4, "Legacy Frame").
  private void lz4() throws IOException {
    byte[] out = new byte[LZ4_BLOCK];
    in.skipNBytes(4);
    while (true) {
      byte[] length = in.readNBytes(4);
      if (length.length < 4 || LittleEndian.u32(length, 0) == 0) {
        return;
      }
      long packed = LittleEndian.u32(length, 0);
      if (packed > LZ4_BLOCK + LZ4_BLOCK / 255 + 16) {
        throw new IOException("an lz4 block of " + packed + " bytes");
      }
      byte[] block = in.readNBytes((int) packed);
      try {
        int size = new Lz4JavaDecompressor().decompress(block, 0, block.length, out, 0, out.length);
        if (!pump(new java.io.ByteArrayInputStream(out, 0, size), size)) {
          return;
        }
      } catch (MalformedInputException e) {
        throw new IOException("a damaged lz4 block", e);
      }
    }
  }
}
