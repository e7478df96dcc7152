package io.calco.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// Files for their owner alone: a clone's disk holds its private host keys. libvirt gives a disk to
/// its machine when that starts.
final class PrivateFile {
  private PrivateFile() {}

  /// Makes the file readable and writable by its owner and nobody else.
  static void restrict(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }
}
