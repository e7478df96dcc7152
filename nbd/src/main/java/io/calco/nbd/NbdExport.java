package io.calco.nbd;

import io.calco.disk.Disk;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A disk under a name.
///
/// @param name what clients ask for; empty for the one that they get without asking; at most 4096
///   bytes of UTF-8
/// @param disk clients may write it if that is among its capabilities ([Disk#readOnly]); stays its
///   opener's to close, after the server
/// @param bitmaps what clients are told beside what is allocated, as `qemu:dirty-bitmap:NAME`; each
///   of another name. They stay as they are, whatever is written
public record NbdExport(String name, Disk disk, List<DirtyRuns> bitmaps) {

  /// Checks the name.
  public NbdExport {
    if (name.getBytes(StandardCharsets.UTF_8).length > Nbd.STRING_MAX_BYTES) {
      throw new IllegalArgumentException(
          "the name of an export has at most " + Nbd.STRING_MAX_BYTES + " bytes");
    }
    bitmaps = List.copyOf(bitmaps);
  }

  /// A disk without a name.
  public static NbdExport unnamed(Disk disk) {
    return new NbdExport("", disk, List.of());
  }
}
