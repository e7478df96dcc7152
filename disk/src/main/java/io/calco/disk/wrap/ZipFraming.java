package io.calco.disk.wrap;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import java.io.IOException;
import java.util.OptionalLong;

/// A bare deflate stream, of which the zip's directory says what comes out.
///
/// @param crc CRC-32 of the plain bytes
/// @param size how many there are
record ZipFraming(long crc, long size) implements DeflateFraming {
  @Override
  public long begin(HostFile file, long offset, boolean first) {
    return first ? offset : NO_STREAM;
  }

  @Override
  public long end(HostFile file, long offset, long foundCrc, long length) throws IOException {
    if (length != size || foundCrc != crc) {
      throw CorruptImageException.at(
          file.name(),
          "zip member",
          offset,
          "%d bytes with CRC-32 %08x".formatted(length, foundCrc),
          "%d with %08x".formatted(size, crc));
    }
    return offset;
  }

  @Override
  public long skipEnd(long offset) {
    return offset;
  }

  @Override
  public OptionalLong knownSize() {
    return OptionalLong.of(size);
  }
}
