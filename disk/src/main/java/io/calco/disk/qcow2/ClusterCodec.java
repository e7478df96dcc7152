package io.calco.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// How the clusters of an image are compressed. Thread rule: safe.
interface ClusterCodec {
  /// Packs a cluster; empty when the result would not be smaller.
  Optional<MemorySegment> pack(MemorySegment cluster);

  /// Unpacks into `cluster`, whose whole length must come out; what follows the packed data is
  /// ignored.
  ///
  /// @throws IOException when it does not
  void unpack(MemorySegment packed, MemorySegment cluster) throws IOException;

  /// The codec of a compression type that [HeaderReader] let through.
  static ClusterCodec of(int compressionType) {
    return compressionType == Qcow2Layout.COMPRESSION_ZLIB
        ? DeflateCodec.INSTANCE
        : ZstdCodec.INSTANCE;
  }
}
