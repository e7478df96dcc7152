package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import java.io.IOException;

/// The header and trailer of a gzip member (RFC 1952).
///
/// Behind the last member may be zeroes, as on a tape, or what OpenWrt appends to its images. gzip
/// lets anything be there; but it could be a member whose header was damaged, and what follows it
/// would be missing.
final class GzipFraming implements DeflateFraming {
  static final GzipFraming INSTANCE = new GzipFraming();

  private static final String HEADER = "gzip header";
  private static final int FHCRC = 1 << 1;
  private static final int FEXTRA = 1 << 2;
  private static final int FNAME = 1 << 3;
  private static final int FCOMMENT = 1 << 4;
  private static final int RESERVED = 0xe0;

  /// Ours: of a name or comment, in bytes.
  private static final int TEXT_MAX = 64 << 10;

  private GzipFraming() {}

  @Override
  public long begin(HostFile file, long offset, boolean first) throws IOException {
    PackedInput in = new PackedInput(file, offset, 512);
    int one = in.read();
    int two = in.read();
    int method = in.read();
    if (one != 0x1f || two != 0x8b) {
      if (first || !endsWithZeroesOrMetadata(file, offset)) {
        throw in.corrupt(HEADER, offset, "other bytes", "1f 8b" + (first ? "" : " or the end"));
      }
      return NO_STREAM;
    }
    if (method != 8) {
      throw in.corrupt(HEADER, offset + 2, "method " + method, "8, deflate");
    }
    int flags = in.u8(HEADER);
    if ((flags & RESERVED) != 0) {
      throw in.corrupt(
          HEADER, offset + 3, "flags 0x%x".formatted(flags), "the upper three bits clear");
    }
    in.skipNBytes(6, HEADER);
    if ((flags & FEXTRA) != 0) {
      in.skipNBytes(in.u16(HEADER), HEADER);
    }
    if ((flags & FNAME) != 0) {
      skipText(in);
    }
    if ((flags & FCOMMENT) != 0) {
      skipText(in);
    }
    if ((flags & FHCRC) != 0) {
      in.skipNBytes(2, HEADER);
    }
    return in.position();
  }

  /// Metadata of OpenWrt's fwtool end in a block of 16 bytes that begins with `FWx0`.
  private static boolean endsWithZeroesOrMetadata(HostFile file, long offset) throws IOException {
    long trailer = file.size() - 16;
    if (trailer >= offset && Marks.at(file, trailer, 'F', 'W', 'x', '0')) {
      return true;
    }
    PackedInput in = new PackedInput(file, offset);
    int next = in.read();
    while (next == 0) {
      next = in.read();
    }
    return next < 0;
  }

  private static void skipText(PackedInput in) throws IOException {
    for (int i = 0; in.u8(HEADER) != 0; i++) {
      if (i == TEXT_MAX) {
        throw new LimitExceededException(
            "%s: a name of more than %d bytes in a gzip header (our limit)"
                .formatted(in.file().name(), TEXT_MAX));
      }
    }
  }

  @Override
  public long end(HostFile file, long offset, long crc, long length) throws IOException {
    PackedInput in = new PackedInput(file, offset, 8);
    long storedCrc = in.u32("gzip trailer");
    if (storedCrc != crc) {
      throw in.corrupt(
          "gzip trailer",
          offset,
          "CRC-32 %08x".formatted(storedCrc),
          "%08x, that of the %d bytes unpacked".formatted(crc, length));
    }
    long storedLength = in.u32("gzip trailer");
    if (storedLength != (length & 0xffff_ffffL)) {
      throw in.corrupt("gzip trailer", offset + 4, "length " + storedLength, length);
    }
    return offset + 8;
  }

  @Override
  public long skipEnd(long offset) {
    return offset + 8;
  }
}
