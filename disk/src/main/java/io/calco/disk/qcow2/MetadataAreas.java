package io.calco.disk.qcow2;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import java.io.IOException;

/// Parts of the file that guest data must never be written to: a broken or hostile image could say
/// that a guest cluster lies there, and a guest would then write the header.
///
/// Thread rule: reading beside other threads; [#grow] alone.
final class MetadataAreas {
  private final HostFile file;
  private final Qcow2Header header;
  private long end;

  MetadataAreas(HostFile file, Qcow2Header header) throws IOException {
    this.file = file;
    this.header = header;
    Geometry geometry = header.geometry();
    this.end = geometry.clustersFor(file.size()) << geometry.clusterBits();
  }

  /// Hears that host clusters up to `hostEnd` are in use.
  void grow(long hostEnd) {
    end = Math.max(end, hostEnd);
  }

  /// Checks that a run may be written by the guest.
  ///
  /// @throws CorruptImageException when it lies on metadata, or beyond the end of the file
  void checkWritable(long hostOffset, long length) throws IOException {
    long hostEnd = hostOffset + length;
    if (hostOffset < header.geometry().clusterSize()) {
      throw refuse(hostOffset, "the header");
    }
    if (overlaps(hostOffset, hostEnd, header.l1Offset(), 8L * header.l1Entries())) {
      throw refuse(hostOffset, "the L1 table");
    }
    if (overlaps(
        hostOffset, hostEnd, header.refcountTableOffset(), 8L * header.refcountTableEntries())) {
      throw refuse(hostOffset, "the refcount table");
    }
    CryptoHeader crypto = header.cryptoHeader();
    if (overlaps(hostOffset, hostEnd, crypto.offset(), crypto.length())) {
      throw refuse(hostOffset, "the LUKS header");
    }
    if (hostEnd > end) {
      throw refuse(hostOffset, "space beyond the end of the file");
    }
  }

  private static boolean overlaps(long from, long to, long start, long length) {
    return from < start + length && start < to;
  }

  private CorruptImageException refuse(long hostOffset, String what) {
    return CorruptImageException.at(
        file.name(), "guest cluster", hostOffset, what, "a data cluster");
  }
}
