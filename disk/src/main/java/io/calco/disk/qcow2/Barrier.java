package io.calco.disk.qcow2;

import io.calco.disk.HostFile;
import java.io.IOException;

/// Keeps the writes before it from reaching the medium after those that follow.
///
/// It matters only when the medium holds something to protect: an image that was empty when it was
/// opened and that nobody asked to sync since has promised nothing yet, and a conversion to it does
/// not wait for the medium. The order of writes, which is what the end of a process can interrupt,
/// is always kept.
///
/// Thread rule: confined to whoever may change the image.
final class Barrier {
  private final HostFile file;
  private boolean matters;

  Barrier(HostFile file, boolean matters) {
    this.file = file;
    this.matters = matters;
  }

  /// Waits for the medium, where it matters.
  void raise() throws IOException {
    if (matters) {
      file.sync();
    }
  }

  /// Waits for the medium; from now on it matters.
  void sync() throws IOException {
    file.sync();
    matters = true;
  }
}
