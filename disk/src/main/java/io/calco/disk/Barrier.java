package io.calco.disk;

import java.io.IOException;

/// Keeps the writes before it from reaching the medium after those that follow.
///
/// It matters only when the medium holds something to protect: an image that was empty when it was
/// opened and that nobody asked to sync since has promised nothing yet, and a conversion to it does
/// not wait for the medium. The order of writes, which is what the end of a process can interrupt,
/// is always kept.
///
/// Thread rule: confined to whoever may change the image.
public final class Barrier {
  private final Medium medium;
  private boolean matters;

  /// What holds the bytes written so far.
  @FunctionalInterface
  public interface Medium {
    /// Waits until all bytes written lie there for good.
    void sync() throws IOException;
  }

  /// A barrier on a medium that may be empty yet.
  ///
  /// @param medium what is waited for
  /// @param matters whether `medium` holds something to protect already
  public Barrier(Medium medium, boolean matters) {
    this.medium = medium;
    this.matters = matters;
  }

  /// Waits for the medium, where it matters.
  public void raise() throws IOException {
    if (matters) {
      medium.sync();
    }
  }

  /// Waits for the medium; from now on it matters.
  public void sync() throws IOException {
    medium.sync();
    matters = true;
  }
}
