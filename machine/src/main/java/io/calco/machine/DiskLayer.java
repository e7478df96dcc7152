package io.calco.machine;

import java.nio.file.Path;
import java.util.Optional;

/// An image of a running machine's disk.
///
/// @param name for whoever runs it, only as long as the machine runs: libvirt's `vda[3]`, QEMU's
///   `#block123`
/// @param file what it is in, when that is a file or a device of the host's
/// @param format of that file, when it is told
/// @param protocol by what it is reached when it is elsewhere: `nbd`
public record DiskLayer(
    String name, Optional<Path> file, Optional<String> format, Optional<String> protocol) {
  /// How many a disk may have: QEMU's stack bears fewer.
  public static final int LAYERS_MAX = 1000; // ours
}
