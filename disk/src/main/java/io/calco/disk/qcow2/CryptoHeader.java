package io.calco.disk.qcow2;

import static io.calco.disk.qcow2.Qcow2Layout.U64;

import io.calco.disk.HostFile;
import io.calco.disk.luks.LuksVolume;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Where the LUKS header lies in the file, as a header extension says it. Of a LUKS volume there is
/// only what comes before the payload; guest clusters are the payload.
///
/// @param offset first byte, at the start of a cluster
/// @param length bytes
record CryptoHeader(long offset, long length) {
  /// Bytes in the extension.
  static final int EXTENSION_LENGTH = 16;

  /// In an image that is not encrypted by LUKS.
  static final CryptoHeader NONE = new CryptoHeader(0, 0);

  /// What an extension of the right length says.
  static CryptoHeader decode(MemorySegment extension) {
    return new CryptoHeader(extension.get(U64, 0), extension.get(U64, 8));
  }

  HeaderExtension encode() {
    MemorySegment extension = MemorySegment.ofArray(new byte[EXTENSION_LENGTH]);
    extension.set(U64, 0, offset);
    extension.set(U64, 8, length);
    return new HeaderExtension(Qcow2Layout.EXTENSION_CRYPTO, extension);
  }

  LuksVolume read(HostFile file) throws IOException {
    return LuksVolume.read(file, offset, length);
  }
}
