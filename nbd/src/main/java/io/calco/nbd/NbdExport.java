package io.calco.nbd;

import io.calco.disk.Disk;
import java.nio.charset.StandardCharsets;

/// A disk under a name.
///
/// @param name what clients ask for; empty for the one that they get without asking; at most 4096
///   bytes of UTF-8
/// @param disk read, never written; stays its opener's to close, after the server
public record NbdExport(String name, Disk disk) {
  private static final int NAME_MAX_BYTES = 4096; // spec

  /// Checks the name.
  public NbdExport {
    if (name.getBytes(StandardCharsets.UTF_8).length > NAME_MAX_BYTES) {
      throw new IllegalArgumentException(
          "the name of an export has at most " + NAME_MAX_BYTES + " bytes");
    }
  }

  /// A disk without a name.
  public static NbdExport unnamed(Disk disk) {
    return new NbdExport("", disk);
  }
}
