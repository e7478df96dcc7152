package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;

/// What an attribute holds: bytes in the record, or clusters. Immutable.
final class Content {
  private final byte[] resident;
  private final RunList runs;
  private final Sizes sizes;
  private final int flags;
  private final int unitBits;

  /// A non-resident attribute's sizes.
  ///
  /// @param allocated bytes of its clusters, holes too
  /// @param data bytes in it
  /// @param initialized bytes that were written; the rest reads as zeroes
  record Sizes(long allocated, long data, long initialized) {}

  private Content(byte[] resident, RunList runs, Sizes sizes, int flags, int unitBits) {
    this.resident = resident;
    this.runs = runs;
    this.sizes = sizes;
    this.flags = flags;
    this.unitBits = unitBits;
  }

  static Content resident(byte[] value, int flags) {
    Sizes sizes = new Sizes(value.length, value.length, value.length);
    return new Content(value, RunList.EMPTY, sizes, flags, 0);
  }

  /// @param unitBits log2 of the clusters in a compression unit; 0 when it has none
  static Content nonResident(RunList runs, Sizes sizes, int flags, int unitBits) {
    return new Content(new byte[0], runs, sizes, flags, unitBits);
  }

  /// Checks what came from a disk.
  Content checked(String what, int clusterBits) throws CorruptImageException {
    boolean fits = unitBits <= 16 && sizes.data >= 0 && sizes.initialized >= 0;
    if (fits && !isResident()) {
      long room = runs.end() << clusterBits;
      fits = runs.end() <= Long.MAX_VALUE >> clusterBits && sizes.data <= room;
    }
    if (!fits) {
      throw CorruptImageException.at(
          "NTFS", what, 0, sizes, "sizes within " + runs.end() + " clusters");
    }
    return this;
  }

  boolean isResident() {
    return runs == RunList.EMPTY;
  }

  byte[] value() {
    return resident;
  }

  RunList runs() {
    return runs;
  }

  Sizes sizes() {
    return sizes;
  }

  long size() {
    return sizes.data;
  }

  int flags() {
    return flags;
  }

  int unitBits() {
    return unitBits;
  }

  boolean isCompressed() {
    return (flags & Attribute.COMPRESSED) != 0 && !isResident();
  }

  boolean isEncrypted() {
    return (flags & Attribute.ENCRYPTED) != 0;
  }
}
