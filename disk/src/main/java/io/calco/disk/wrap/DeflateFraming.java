package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import java.io.IOException;
import java.util.OptionalLong;

/// What stands around the deflate streams of a file. Stateless.
interface DeflateFraming {
  /// The last stream has ended.
  long NO_STREAM = -1;

  /// Reads what stands before a stream.
  ///
  /// @param first nothing was found before
  /// @return where the stream begins, or [#NO_STREAM]
  long begin(HostFile file, long offset, boolean first) throws IOException;

  /// Verifies what stands behind a stream.
  ///
  /// @param offset the first byte behind the stream
  /// @param crc the CRC-32 of its plain bytes
  /// @param length the number of its plain bytes
  /// @return where the next stream may begin
  long end(HostFile file, long offset, long crc, long length) throws IOException;

  /// The same for a stream that was entered in its middle.
  long skipEnd(long offset);

  /// The plain bytes of all streams, when they are known beforehand.
  default OptionalLong knownSize() {
    return OptionalLong.empty();
  }
}
