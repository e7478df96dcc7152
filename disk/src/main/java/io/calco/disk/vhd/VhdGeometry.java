package io.calco.disk.vhd;

/// Cylinders, heads and sectors per track.
///
/// @param cylinders 0 to 65535
/// @param heads 0 to 255
/// @param sectorsPerTrack 0 to 255
record VhdGeometry(int cylinders, int heads, int sectorsPerTrack) {
  /// The largest geometry there is (127.5 GiB); it says that the disk's size stands elsewhere.
  static final VhdGeometry MAX = new VhdGeometry(65535, 16, 255);

  private static final long LARGE = 65535L * 16 * 63;

  long sectors() {
    return (long) cylinders * heads * sectorsPerTrack;
  }

  /// The geometry that the specification's appendix computes; it covers `sectors` or somewhat less.
  static VhdGeometry of(long sectors) {
    long total = Math.min(sectors, MAX.sectors());
    if (total >= LARGE) {
      return ofTracks(total / 255, 16, 255);
    }
    long tracks = total / 17;
    int heads = (int) Math.max((tracks + 1023) / 1024, 4);
    int perTrack = 17;
    if (tracks >= heads * 1024L || heads > 16) {
      perTrack = 31;
      heads = 16;
      tracks = total / 31;
    }
    if (tracks >= heads * 1024L) {
      perTrack = 63;
      tracks = total / 63;
    }
    return ofTracks(tracks, heads, perTrack);
  }

  private static VhdGeometry ofTracks(long tracks, int heads, int perTrack) {
    return new VhdGeometry((int) (tracks / heads), heads, perTrack);
  }

  /// The first geometry that covers `sectors`, as QEMU looks for it; [#MAX] when none does.
  static VhdGeometry covering(long sectors) {
    if (sectors == 0) {
      return new VhdGeometry(0, 0, 0);
    }
    long wanted = Math.min(sectors, MAX.sectors());
    VhdGeometry geometry = of(wanted);
    for (long more = 1; geometry.sectors() < wanted; more++) {
      geometry = of(wanted + more);
    }
    return geometry;
  }
}
