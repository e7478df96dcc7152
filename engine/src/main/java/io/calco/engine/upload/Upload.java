package io.calco.engine.upload;

import java.time.Instant;

/// An upload as it is now.
///
/// @param id the image's
/// @param fileName what the sender calls the file; any text
/// @param length of the whole content, in bytes
/// @param offset how many of them are here
/// @param phase where it is
/// @param stored how many of them are taken in, in [Phase#STORING]
/// @param problem why it failed, for a person; empty while it did not
/// @param expires when it is given up, unless it goes on
public record Upload(
    String id,
    String fileName,
    long length,
    long offset,
    Phase phase,
    long stored,
    String problem,
    Instant expires) {

  /// Where an upload is.
  public enum Phase {
    /// More is to come.
    RECEIVING,
    /// All is here, and becomes the image's.
    STORING,
    /// It was refused, and its bytes are gone.
    FAILED
  }
}
