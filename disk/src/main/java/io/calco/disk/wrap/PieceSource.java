package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalLong;

/// Finds the pieces of a packed file in order. Thread rule: confined.
interface PieceSource extends AutoCloseable {
  /// What comes next.
  sealed interface Next {}

  /// A piece that begins where the one before ended.
  ///
  /// @param piece where it is
  /// @param bytes its bytes when they had to be unpacked to find it
  record Found(Piece piece, Optional<MemorySegment> bytes) implements Next {}

  /// The rest cannot be had in pieces: it is this file, which its finder hands over.
  record Rest(HostFile file) implements Next {}

  /// Nothing: all that can be verified has been.
  record End() implements Next {}

  /// Finds the next piece.
  Next next() throws IOException;

  /// The length of all pieces together, when something trustworthy tells it before they are found:
  /// at the end it turns out to be true, or an exception is thrown.
  default OptionalLong knownSize() throws IOException {
    return OptionalLong.empty();
  }

  /// Closes the packed file.
  @Override
  void close() throws IOException;
}
